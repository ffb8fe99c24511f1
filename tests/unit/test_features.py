"""The front end against librosa and SciPy, and what the networks are given."""

import dataclasses
import subprocess
import sys

from course_utils import features
from course_utils.features import COURSE_FRONT_END, FrontEnd, spectrogram

import librosa
import numpy as np
import pytest
import scipy.fft
import scipy.fftpack
import scipy.signal


def librosa_mel(waveform, front_end):
    mel = librosa.feature.melspectrogram(
        y=waveform,
        sr=front_end.sample_rate,
        n_fft=front_end.frame_length,
        hop_length=front_end.hop_length,
        center=False,
        n_mels=front_end.n_mels,
        fmin=front_end.fmin,
        fmax=front_end.fmax,
        htk=True,
        norm=None,
    )
    return mel.swapaxes(-1, -2)


def ragged_clips(front_end, count=40):
    """Clips of many lengths, at the edges of a frame too."""
    rng = np.random.default_rng(0)
    length, hop = front_end.frame_length, front_end.hop_length
    lengths = [
        length,
        length + 1,
        length + hop - 1,
        length + hop,
        *rng.integers(length, 9000, count),
    ]
    return [rng.normal(0, 0.1, n).astype(np.float32) for n in lengths]


# ---------------------------------------------------------------- energies of bands


def test_mel_energies_equal_librosa_whatever_the_lengths(front_end):
    clips = ragged_clips(front_end)
    ours = features.mel_energies(clips, front_end)
    assert len(ours) == len(clips)
    for clip, mel in zip(clips, ours):
        assert mel.dtype == np.float32
        assert mel.shape == (front_end.n_frames(len(clip)), front_end.n_mels)
        np.testing.assert_allclose(mel, librosa_mel(clip, front_end), rtol=1e-4, atol=1e-7)


def test_mel_energies_are_what_log_mel_is_the_logarithm_of(front_end):
    clips = ragged_clips(front_end, 10)
    for clip, mel in zip(clips, features.mel_energies(clips, front_end)):
        expected = np.exp(features.log_mel(clip, front_end))
        np.testing.assert_allclose(np.maximum(mel, front_end.floor), expected, rtol=1e-5)


def test_a_clip_shorter_than_a_frame_is_one_frame():
    clip = np.random.default_rng(0).normal(size=100).astype(np.float32)
    short, padded, empty = features.mel_energies([clip, np.pad(clip, (0, 156)), clip[:0]])
    np.testing.assert_array_equal(short, padded)
    assert short.shape == (1, 40) and not empty.any()
    assert features.mel_energies([]) == []


def test_log_mel_equals_librosa(noise_clips, front_end):
    ours = features.log_mel(noise_clips, front_end)
    mel = librosa_mel(noise_clips, front_end)
    assert ours.dtype == np.float32 and ours.shape == mel.shape
    np.testing.assert_allclose(np.exp(ours), np.maximum(mel, front_end.floor), rtol=1e-4)


def test_one_clip_is_as_in_the_batch(noise_clips):
    together = features.log_mel(noise_clips)
    for i in (0, 3, 36):
        np.testing.assert_allclose(features.log_mel(noise_clips[i]), together[i], atol=1e-5)
    assert features.log_mel(noise_clips.reshape(37, 1, 8000)).shape == (37, 1, 97, 40)


def test_spectrogram_equals_librosa(noise_clips):
    clip = noise_clips[36]
    stft = librosa.stft(clip, n_fft=256, hop_length=80, center=False)
    expected = np.abs(stft.T) ** 2
    np.testing.assert_allclose(features.spectrogram(clip), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("length", [100, 255, 256, 400, 512])
def test_the_window_is_scipys_to_the_last_bit(length):
    ones = np.ones(length)
    window = scipy.signal.get_window("hann", length)
    found = spectrogram(ones, FrontEnd(frame_length=length))
    spectrum = scipy.fft.rfft(ones * window)[None]
    assert np.array_equal(found, np.square(spectrum.real) + np.square(spectrum.imag))


def test_the_front_end_is_there_at_once():
    code = "import sys, course_utils.features; print([m for m in SLOW if m in sys.modules])"
    code = code.replace("SLOW", "('scipy.signal', 'scipy.stats', 'matplotlib', 'tensorflow')")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout == "[]\n", "these take a second or more to load"


def test_filters_equal_librosas(front_end):
    expected = librosa.filters.mel(
        sr=front_end.sample_rate,
        n_fft=front_end.frame_length,
        n_mels=front_end.n_mels,
        fmin=front_end.fmin,
        fmax=front_end.fmax,
        htk=True,
        norm=None,
    )
    np.testing.assert_allclose(features.mel_filterbank(front_end), expected.T, atol=1e-5)
    with pytest.raises(ValueError, match="read-only"):
        features.mel_filterbank(front_end)[0, 0] = 1  # it is everybody's


def test_filters_cover_the_range_and_none_is_empty():
    for warp in (0.8, 0.9, 1.0, 1.1, 1.25):
        filters = features.mel_filterbank(FrontEnd(warp=warp))
        assert (filters.sum(axis=0) > 0).all()
    centres = [features.mel_filterbank(FrontEnd(warp=w))[:, 20].argmax() for w in (0.8, 1, 1.25)]
    assert centres[0] < centres[1] < centres[2]


def test_warp_moves_a_tone_to_where_the_unwarped_bands_hear_it():
    time = np.arange(8000) / 8000
    low, high = (np.sin(2 * np.pi * f * time).astype(np.float32) for f in (800, 1000))
    assert (
        features.log_mel(high, FrontEnd(warp=1.25)).mean(axis=0).argmax()
        == features.log_mel(low).mean(axis=0).argmax()
    )


# ---------------------------------------------------------------- coefficients


@pytest.mark.parametrize("lifter", [0, 22])
def test_mfcc_equals_librosa_and_scipy(noise_clips, lifter):
    log_mel = features.log_mel(noise_clips[36])
    ours = features.mfcc(log_mel, 13, lifter)
    theirs = librosa.feature.mfcc(S=log_mel.T, n_mfcc=13, lifter=lifter, norm="ortho").T
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    if not lifter:
        dct = scipy.fftpack.dct(log_mel, norm="ortho")[:, :13]
        np.testing.assert_allclose(ours, dct, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("width", [3, 9])
def test_delta_equals_librosa(noise_clips, width):
    log_mel = features.log_mel(noise_clips[36])
    theirs = librosa.feature.delta(log_mel.T, width=width).T
    np.testing.assert_allclose(features.delta(log_mel, width), theirs, rtol=1e-4, atol=1e-5)


# ---------------------------------------------------------------- clips of one length


def test_pad_or_crop():
    long, short = np.arange(10.0), np.ones(3)
    batch = features.pad_or_crop([long, short], 6)
    np.testing.assert_array_equal(batch, [[2, 3, 4, 5, 6, 7], [1, 1, 1, 0, 0, 0]])
    assert [clip.tolist() for clip in features.crop([long, short], 6)] == [
        [2, 3, 4, 5, 6, 7],
        [1, 1, 1],
    ]


def test_stack_puts_zeros_after_each_clip():
    clips = [np.ones((2, 3)), np.full((5, 3), 2.0), np.zeros((0, 3))]
    batch = features.stack(clips, 4)
    assert batch.shape == (3, 4, 3) and batch.dtype == np.float32
    np.testing.assert_array_equal(batch[..., 0], [[1, 1, 0, 0], [2, 2, 2, 2], [0, 0, 0, 0]])


def test_one_second_is_what_the_networks_are_given(front_end):
    n_samples = features.network_samples(front_end)
    assert front_end.n_frames(n_samples) == features.NETWORK_FRAMES
    assert front_end.n_frames(n_samples - 1) == features.NETWORK_FRAMES - 1
    clips = features.crop([np.ones(3), np.ones(9 * n_samples)], n_samples)
    frames = [len(power) for power in features.spectrograms(clips, front_end)]
    assert frames == [1, features.NETWORK_FRAMES]


@pytest.fixture(scope="module")
def tone_mel():
    """Mel energies (1, 98, 40) of half a second of a tone, and its frames of speech."""
    time = np.arange(4000) / 8000
    mel = features.mel_energies([np.sin(2000 * np.pi * time).astype(np.float32)])
    return features.stack(mel), np.array([len(mel[0])])


def test_clips_are_put_in_the_middle(tone_mel):
    mel, lengths = tone_mel
    placed, inside = features.stretch_and_centre(mel, lengths)
    edges = np.flatnonzero(inside[0])[[0, -1]]
    assert abs(edges.sum() - 97) <= 1  # in the middle of 98 frames
    np.testing.assert_array_equal(placed[inside], mel[0, : lengths[0]])
    assert not placed[~inside].any()


def test_tempo_changes_the_length_and_shift_the_place(tone_mel):
    mel, lengths = tone_mel
    _, inside = features.stretch_and_centre(mel, lengths, tempo=1.2)
    assert abs(inside[0].sum() - 1.2 * lengths[0]) <= 2
    left, right = (
        features.stretch_and_centre(mel, lengths, shift=shift)[1][0].argmax() for shift in (-1, 1)
    )
    assert right - left == 20


# ---------------------------------------------------------------- what the networks are given


def test_network_input_ignores_the_gain(noise_clips):
    quiet, loud = (features.network_input(list(gain * noise_clips[20:])) for gain in (0.3, 3))
    np.testing.assert_allclose(quiet, loud, atol=1e-3)
    assert abs(quiet.mean(axis=(1, 2))).max() < 1e-4
    assert np.isfinite(features.network_input([np.zeros(500, np.float32)])).all()


def test_network_input_of_one_clip_is_as_in_the_batch(front_end):
    clips = ragged_clips(front_end, 5)
    together = features.network_input(clips, front_end)
    assert together.shape == (9, features.NETWORK_FRAMES, front_end.n_mels)
    for clip, features_of_it in zip(clips, together):
        alone = features.network_input([clip], front_end)[0]
        np.testing.assert_allclose(features_of_it, alone, atol=1e-5)


@pytest.mark.parametrize("range_db", [50.0, 65.0])
def test_networks_hear_so_far_below_the_loudest_point(range_db):
    decibels = np.array([0.0, -20, -49, -58, -64, -90])[None, :, None]  # of one band
    found = features.normalise_log_mel(10 ** (decibels / 10), FrontEnd(range_db=range_db))
    heard = np.maximum(decibels, -range_db)
    np.testing.assert_allclose(found - found.max(), heard * np.log(10) / 10 / 3, atol=1e-9)


# ---------------------------------------------------------------- refused


def test_bad_input():
    with pytest.raises(ValueError, match="fewer than one frame of 256.*pad_or_crop"):
        features.log_mel(np.zeros((2, 100)))
    with pytest.raises(ValueError, match="fewer than one frame of 256"):
        features.spectrogram(np.zeros(255))
    for bad in (np.nan, np.inf):
        clip = np.array([0.0, bad] * 500)
        for front_of in (features.log_mel, lambda clip: features.spectrograms([clip])):
            with pytest.raises(ValueError, match="NaN"):
                front_of(clip)
    with pytest.raises(ValueError, match="at most 40 coefficients"):
        features.mfcc(np.zeros((10, 40)), 128)
    with pytest.raises(ValueError, match="too few"):
        features.delta(np.zeros((5, 40)))


@pytest.mark.parametrize("function", [features.network_input, features.stack])
def test_no_clips_at_all_are_refused(function):
    with pytest.raises(ValueError, match="no clips"):
        function([])


def test_a_front_end_is_a_value():
    assert FrontEnd() == COURSE_FRONT_END and hash(FrontEnd()) == hash(COURSE_FRONT_END)
    with pytest.raises(dataclasses.FrozenInstanceError):
        COURSE_FRONT_END.n_mels = 20
