"""How a chapter talks with its reader: predictions before results, gaps before solutions."""

from course_utils.lessons.gaps import check_gap
from course_utils.lessons.predictions import Prediction, predict

__all__ = ["Prediction", "check_gap", "predict"]
