"""Import TensorFlow quietly.

The start-up lines on stderr come from C++ before its log level can be set, and would be
stored in every notebook. Every module that needs Keras imports this one first; a chapter
imports `course_utils` before `keras`. Nothing is decided here for the rest of the process:
TensorFlow uses a graphics card if it was built for one and finds one (README.md).
"""

from __future__ import annotations

import os

from course_utils.setup.quiet import quiet_stderr

__all__: list[str] = []  # it is imported for what it does

_level = os.environ.get("TF_CPP_MIN_LOG_LEVEL")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = _level or "3"  # it is read once, while TensorFlow loads
try:
    with quiet_stderr():
        import keras
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")  # advice on retracing, after the fifth model
        keras.ops.convert_to_numpy(keras.ops.matmul(tf.ones((2, 2)), tf.ones((2, 2))))
finally:
    if _level is None:
        del os.environ["TF_CPP_MIN_LOG_LEVEL"]
