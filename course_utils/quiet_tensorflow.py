"""Import TensorFlow without the start-up lines that it writes to stderr.

They come from C++ before its log level can be set, and would be stored in every notebook.
`layers`, `models` and `training` import this module first; a chapter imports
`course_utils` before `keras`.
"""

import os

_stderr = os.dup(2)
_nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(_nowhere, 2)
try:
    import keras
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")  # advice on retracing, after the fifth model
    keras.ops.convert_to_numpy(keras.ops.matmul(tf.ones((2, 2)), tf.ones((2, 2))))
finally:
    os.dup2(_stderr, 2)
    os.close(_stderr)
    os.close(_nowhere)
