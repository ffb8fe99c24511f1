"""What several unit tests share: trained networks, a string of digits, clips of every length."""

from course_utils import connected_digits

import numpy as np
import pytest


@pytest.fixture(scope="session")
def waveform(embedded):
    """Three digits and some noise."""
    return connected_digits.compose(embedded, 1, seed=1, longest=3).waveforms[0]


@pytest.fixture(scope="session")
def clips(embedded):
    """Nine clips (samples,), from the shortest to the longest."""
    lengths = [len(waveform) for waveform in embedded.waveforms]
    return [embedded.waveforms[i] for i in np.argsort(lengths)[:: len(lengths) // 8]]


@pytest.fixture(scope="session")
def small_network():
    """The trained network of chapter 12, from features to logits."""
    from course_utils import models

    return models.load_trained("small_digit_network")


@pytest.fixture(scope="session")
def small_model(small_network):
    """The same from samples to logits: its front end is inside."""
    from course_utils.serving.export import with_front_end
    from course_utils.serving.network_input import NetworkInput

    return with_front_end(small_network, NetworkInput(name="front_end"))
