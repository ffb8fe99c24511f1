"""Models and layers of a few numbers, to try exports with."""

import keras
import numpy as np


def tiny(*layers, units=3, inputs=8):
    """A model that counts as trained: its last bias is not zero."""
    model = keras.Sequential([keras.Input((inputs,)), *layers, keras.layers.Dense(units)])
    model.layers[-1].bias.assign(np.arange(1.0, units + 1))
    return model


CLIPS = [np.linspace(-1, 1, 8, dtype=np.float32), np.ones(8, np.float32)]


@keras.saving.register_keras_serializable("test")
class Forgetful(keras.layers.Layer):
    """Loses its scale when it is saved: the file loads and says something else."""

    def __init__(self, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, x):
        return x * self.scale

    def get_config(self):
        return {"name": self.name}


@keras.saving.register_keras_serializable("test")
class Unexportable(keras.layers.Layer):
    """Leaves the graph: NumPy cannot be written into a file."""

    def call(self, x):
        return keras.ops.convert_to_tensor(np.sort(np.asarray(x)))

    def compute_output_shape(self, input_shape):
        return input_shape
