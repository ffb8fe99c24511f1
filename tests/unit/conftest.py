"""What several unit tests need; what takes long to make is made once for all of them."""

from course_utils import connected_digits
from course_utils.augmentation import Spectra, spectra_of
from course_utils.features import FrontEnd

import numpy as np
import pytest

FRONT_ENDS = {
    "course": FrontEnd(),
    "other bands": FrontEnd(n_mels=20, fmin=0.0, fmax=3000.0, hop_length=100, floor=1e-8),
    "16 kHz": FrontEnd(sample_rate=16000, frame_length=512, hop_length=160, fmax=8000.0, n_mels=64),
}


@pytest.fixture(params=FRONT_ENDS.values(), ids=FRONT_ENDS.keys())
def front_end(request) -> FrontEnd:
    """Each of several front ends: the course's, and others."""
    return request.param


@pytest.fixture(scope="session")
def noise_clips() -> np.ndarray:
    """Noise (37, 8000) that ends in zeros, earlier or later; one clip is silent."""
    noise = np.random.default_rng(0).normal(0, 0.1, (37, 8000)).astype(np.float32)
    for i, row in enumerate(noise):
        row[300 + 200 * i :] = 0
    noise[3] = 0
    return noise


@pytest.fixture(scope="session")
def spectra(embedded) -> Spectra:
    """Spectra of 128 clips: one take of each digit of a dozen voices."""
    return spectra_of(embedded.select(np.flatnonzero(embedded.takes == 0)[:128]))


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
