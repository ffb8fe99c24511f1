"""The front end's speed: a whole corpus in one call, against a loop over librosa.

librosa gets what a careful person would give it: its mel filters are made once, before the
loop, each clip is one transform and one matrix product, and it is given no padding to work on.
"""

from __future__ import annotations

from typing import Any

from course_utils import corpora, features
from course_utils.features import COURSE_FRONT_END
from data.recipes import recordings
from tests.benchmarks.trainings import seconds

import numpy as np

ROUNDS = 5  # the best of them counts


def setup() -> Any:
    """What the numbers depend on."""
    loop = "librosa.stft and one product for each clip, filters made once"
    return loop, COURSE_FRONT_END, features.network_samples(), ROUNDS, recordings(["fsdd"])


def measure() -> list[dict[str, Any]]:
    """Check that both give the same, then time both."""
    import librosa  # it takes seconds, and no other group needs it

    corpus, front_end = corpora.load_digits("fsdd"), COURSE_FRONT_END
    n_samples = features.network_samples()
    clips = features.crop(corpus.waveforms, n_samples)
    filters = librosa.filters.mel(
        sr=front_end.sample_rate,
        n_fft=front_end.frame_length,
        n_mels=front_end.n_mels,
        fmin=front_end.fmin,
        fmax=front_end.fmax,
        htk=True,
        norm=None,
    )
    transform = {
        "n_fft": front_end.frame_length,
        "hop_length": front_end.hop_length,
        "center": False,
    }

    def course() -> np.ndarray:
        return features.log_mel(features.pad_or_crop(corpus.waveforms, n_samples))

    def loop() -> list[np.ndarray]:
        powers = (np.abs(librosa.stft(clip, **transform)) ** 2 for clip in clips)
        return [np.log(np.maximum(filters @ power, front_end.floor)) for power in powers]

    expected, found = loop(), course()  # which also lets librosa compile
    for mel, features_of_clip in zip(expected, found):
        np.testing.assert_allclose(features_of_clip[: mel.shape[1]], mel.T, rtol=1e-3, atol=1e-3)

    ours, theirs = np.min([(seconds(course), seconds(loop)) for _ in range(ROUNDS)], axis=0)
    time_of_all = {"corpus": corpus.name, "metric": "time for the corpus", "unit": "s"}
    times_faster = {"corpus": corpus.name, "metric": "speed against the librosa loop"}
    course_name, loop_name = "log_mel, one call", "librosa loop, filters made once"
    return [
        {"model": course_name, "value": round(float(ours), 3), **time_of_all},
        {"model": loop_name, "value": round(float(theirs), 3), **time_of_all},
        {"model": course_name, "value": round(theirs / ours, 1), "unit": "times", **times_faster},
    ]
