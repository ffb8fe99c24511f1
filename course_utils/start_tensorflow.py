"""Import TensorFlow, quietly and without a stall between epochs.

The start-up lines on stderr come from C++ before its log level can be set, and would be
stored in every notebook. `layers`, `models` and `training` import this module first; a
chapter imports `course_utils` before `keras`.
"""

import os
from collections.abc import Iterator

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

_iterate = tf.data.Dataset.__iter__


def _iterate_untuned(dataset: tf.data.Dataset) -> Iterator:
    """Iterate without tf.data's autotuner.

    Keras makes an iterator for each epoch. When the old one goes, it waits for its autotuner,
    which may miss the call to stop (seen in TensorFlow 2.21: `Model::OptimizeLoop` looks at
    the flag that is raised only after it was woken) and then sleeps for about as long as the
    epoch took. On two cores that happened at every third epoch. Results stay the same.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return _iterate(dataset.with_options(options))


tf.data.Dataset.__iter__ = _iterate_untuned
