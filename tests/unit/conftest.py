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
