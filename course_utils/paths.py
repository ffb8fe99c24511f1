"""Where the course's own files lie, wherever a notebook was copied to or started from."""

import os
from pathlib import Path

__all__ = ["DATA_FOLDER", "MODELS_FOLDER", "RESULTS_FILE", "ROOT", "download_folder"]

ROOT = Path(__file__).resolve().parent.parent
DATA_FOLDER = ROOT / "data"  # the synthetic voices and noises that come with the course
MODELS_FOLDER = DATA_FOLDER / "models"  # trained networks
RESULTS_FILE = DATA_FOLDER / "results.json"  # what `make benchmark` measured
if not DATA_FOLDER.is_dir():  # `pip install .` copies the package alone
    away = f"course_utils lies in {ROOT} without the course's folder data/, which it needs. Use it "
    raise ImportError(away + "in the course: `make lab`, or `pip install --no-deps -e .` there.")


def download_folder() -> Path:
    """Return where downloads are kept: `COURSE_DATA`, seen from the course, or the user's cache."""
    import pooch

    chosen = os.environ.get("COURSE_DATA")
    return ROOT / Path(chosen or pooch.os_cache("speech-recognition-course")).expanduser()
