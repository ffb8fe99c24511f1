"""The front end: from waveforms to features, for a whole corpus at once (chapter 03).

`course_utils.layers.LogMel` is the same front end as a Keras layer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft

__all__ = [
    "COURSE_FRONT_END", "FEATURE_SCALE", "NETWORK_FRAMES", "TINY", "FrontEnd", "crop", "delta",
    "frame_signal", "hz_to_mel", "log_mel", "mel_energies", "mel_filterbank", "mel_to_hz",
    "mfcc", "network_input", "network_samples", "normalise_log_mel", "pad_or_crop",
    "power_to_mel", "scale_features", "spectrogram", "spectrograms", "stack",
    "stretch_and_centre",
]  # fmt: skip

NETWORK_FRAMES = 98  # what the networks are given: one second
FEATURE_SCALE = 3.0  # log-mel features are divided by it, to be of the order of 1
TINY = 1e-20  # an energy that has a logarithm


@dataclass(frozen=True)
class FrontEnd:
    """Parameters of the front end (chapter 03).

    sample_rate in Hz; frame_length and hop_length in samples; n_mels bands between fmin
    and fmax in Hz; floor is the smallest mel energy, before the logarithm. range_db is what the
    networks see (chapter 05): nothing that lies further below a clip's loudest point. warp
    multiplies the bands' frequencies (chapter 05): above 1 the bands listen higher, and a voice
    looks as if its vocal tract were longer; 1 leaves them alone.
    """

    sample_rate: int = 8000
    frame_length: int = 256
    hop_length: int = 80
    n_mels: int = 40
    fmin: float = 50.0
    fmax: float = 4000.0
    floor: float = 1e-5
    range_db: float = 50.0
    warp: float = 1.0

    @property
    def n_bins(self) -> int:
        """Bins of the discrete Fourier transform of a real frame."""
        return self.frame_length // 2 + 1

    def n_frames(self, n_samples: int) -> int:
        """Whole frames in `n_samples` samples; no padding at the ends."""
        return 1 + (n_samples - self.frame_length) // self.hop_length


COURSE_FRONT_END = FrontEnd()


def crop(waveforms: Sequence[np.ndarray], n_samples: int) -> list[np.ndarray]:
    """Keep the middle `n_samples` of longer clips, and shorter ones as they are."""
    starts = [max(0, (len(waveform) - n_samples) // 2) for waveform in waveforms]
    return [w[start : start + n_samples] for w, start in zip(waveforms, starts, strict=True)]


def pad_or_crop(waveforms: Sequence[np.ndarray], n_samples: int) -> np.ndarray:
    """Make clips equally long: zeros after short ones, the middle of long ones.

    Returns (clips, n_samples) float32.
    """
    batch = np.zeros((len(waveforms), n_samples), np.float32)
    for row, piece in zip(batch, crop(waveforms, n_samples), strict=True):
        row[: len(piece)] = piece
    return batch


def frame_signal(waveform: np.ndarray, frame_length: int, hop_length: int) -> np.ndarray:
    """Cut (…, samples) into overlapping frames (…, frames, frame_length), without a copy."""
    if waveform.shape[-1] < frame_length:
        raise ValueError(
            f"the clip has {waveform.shape[-1]} samples, fewer than one frame of {frame_length}: "
            "lengthen it with pad_or_crop"
        )
    windows = np.lib.stride_tricks.sliding_window_view(waveform, frame_length, axis=-1)
    return windows[..., ::hop_length, :]


def spectrogram(waveform: np.ndarray, front_end: FrontEnd = COURSE_FRONT_END) -> np.ndarray:
    """Power spectrogram |DFT(window · frame)|²: (…, samples) to (…, frames, bins).

    The window is a periodic Hann window. Equal to `librosa.stft(center=False)` squared, transposed.
    """
    frames = frame_signal(waveform, front_end.frame_length, front_end.hop_length)
    angles = np.linspace(-np.pi, np.pi, front_end.frame_length + 1)[:-1]
    window = (0.5 + 0.5 * np.cos(angles)).astype(waveform.dtype)
    spectrum = scipy.fft.rfft(frames * window, axis=-1, overwrite_x=True)
    return np.square(spectrum.real) + np.square(spectrum.imag)


def spectrograms(
    waveforms: Sequence[np.ndarray], front_end: FrontEnd = COURSE_FRONT_END
) -> list[np.ndarray]:
    """Power spectrogram of each clip, each with as many frames as it has: (frames, bins).

    A clip shorter than a frame counts as one frame, with zeros at its end. Raises ValueError
    for NaN or infinite samples.
    """
    powers = []
    for waveform in waveforms:
        waveform = np.asarray(waveform, np.float32)
        if not np.isfinite(waveform.sum()):  # one NaN or infinite sample shows in the sum
            raise ValueError("the waveform has NaN or infinite samples; load_audio refuses those")
        short = max(0, front_end.frame_length - len(waveform))
        powers.append(spectrogram(np.pad(waveform, (0, short)) if short else waveform, front_end))
    return powers


def hz_to_mel(hertz: np.ndarray | float) -> np.ndarray:
    """Mel scale of O'Shaughnessy (1987): 2595 log10(1 + f / 700), f in Hz."""
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def mel_to_hz(mel: np.ndarray | float) -> np.ndarray:
    """Inverse of `hz_to_mel`."""
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)


def warp_frequencies(hertz: np.ndarray, warp: float, fmax: float) -> np.ndarray:
    """Multiply frequencies by `warp`, bent near the top so that `fmax` stays where it is.

    Vocal-tract-length perturbation (Jaitly and Hinton 2013), chapter 05.
    """
    bend = 0.8 * fmax / max(warp, 1.0)  # above it a straight line leads to (fmax, fmax)
    above = warp * bend + (hertz - bend) * (fmax - warp * bend) / (fmax - bend)
    return np.where(hertz <= bend, warp * hertz, above)


@lru_cache
def mel_filterbank(front_end: FrontEnd = COURSE_FRONT_END) -> np.ndarray:
    """Triangular filters, equally spaced in mel, peak 1: (bins, bands) float32.

    Equal to `librosa.filters.mel(htk=True, norm=None)`, transposed.
    """
    ends = hz_to_mel(np.array([front_end.fmin, front_end.fmax]))
    edges = mel_to_hz(np.linspace(ends[0], ends[1], front_end.n_mels + 2))
    edges = warp_frequencies(edges, front_end.warp, front_end.fmax)
    bins = np.arange(front_end.n_bins) * front_end.sample_rate / front_end.frame_length
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins[:, None] - low) / (centre - low)
    falling = (high - bins[:, None]) / (high - centre)
    filters = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    filters.flags.writeable = False  # the cache hands the same array to everybody
    return filters


def power_to_mel(power: np.ndarray, front_end: FrontEnd = COURSE_FRONT_END) -> np.ndarray:
    """Energy in each mel band: power (…, bins) to (…, bands)."""
    return power @ mel_filterbank(front_end)


def mel_energies(
    waveforms: Sequence[np.ndarray], front_end: FrontEnd = COURSE_FRONT_END
) -> list[np.ndarray]:
    """Energy in each mel band of each clip: (frames, bands), as many frames as `spectrograms` has.

    Equal to `librosa.feature.melspectrogram(center=False, htk=True, norm=None)`, transposed.
    """
    return [power_to_mel(power, front_end) for power in spectrograms(waveforms, front_end)]


def log_mel(waveform: np.ndarray, front_end: FrontEnd = COURSE_FRONT_END) -> np.ndarray:
    """Natural logarithm of the mel energies: (…, samples) to (…, frames, bands) float32.

    Raises ValueError for NaN or infinite samples and for clips shorter than a frame.
    """
    waveform = np.asarray(waveform, np.float32)
    frame_signal(waveform, front_end.frame_length, front_end.hop_length)  # refuses a short clip
    mel = mel_energies(list(waveform.reshape(-1, waveform.shape[-1])), front_end)
    return np.log(np.maximum(mel, front_end.floor)).reshape(*waveform.shape[:-1], *mel[0].shape)


def mfcc(log_mel_features: np.ndarray, n_mfcc: int = 13, lifter: int = 0) -> np.ndarray:
    """Cepstral coefficients: orthonormal DCT-II over the bands, the first `n_mfcc` kept.

    (…, frames, bands) to (…, frames, n_mfcc). With ``lifter`` L > 0 coefficient n is
    multiplied by 1 + L/2 sin(π (n + 1) / L), as `librosa.feature.mfcc` does.
    """
    n_bands = log_mel_features.shape[-1]
    if not 1 <= n_mfcc <= n_bands:
        raise ValueError(
            f"{n_bands} mel bands give at most {n_bands} coefficients, not {n_mfcc}: "
            "the number of bands (often 40, 80 or 128) is not the number of coefficients"
        )
    cepstrum = scipy.fft.dct(log_mel_features, axis=-1, norm="ortho")[..., :n_mfcc]
    if lifter > 0:
        cepstrum = cepstrum * (1 + lifter / 2 * np.sin(np.pi * np.arange(1, n_mfcc + 1) / lifter))
    return cepstrum.astype(log_mel_features.dtype)


def delta(features: np.ndarray, width: int = 9) -> np.ndarray:
    """Slope along time of (…, frames, coefficients): a line fitted to `width` frames.

    Equal to `librosa.feature.delta`.
    """
    if features.shape[-2] < width:
        raise ValueError(f"{features.shape[-2]} frames are too few for a slope over {width}")
    from scipy.signal import savgol_filter  # takes a second to load, and few chapters need it

    return savgol_filter(features, width, polyorder=1, deriv=1, axis=-2)


def scale_features(log_energies: np.ndarray) -> np.ndarray:
    """Divide logarithms of energies by `FEATURE_SCALE`: one scale for every network."""
    return log_energies / np.float32(FEATURE_SCALE)


def normalise_log_mel(mel: np.ndarray, front_end: FrontEnd = COURSE_FRONT_END) -> np.ndarray:
    """Mel energies (clips, frames, bands) to features that do not depend on the gain.

    The logarithm, limited to `front_end.range_db` below the clip's loudest point; from each
    band its mean over the clip is taken away, and with it the colour of the microphone
    (chapter 03); then `scale_features`.
    """
    loudest = mel.max(axis=(1, 2), keepdims=True)
    floor = np.maximum(loudest * 10 ** (-front_end.range_db / 10), TINY)
    level = np.log(np.maximum(mel, floor))
    return scale_features(level - level.mean(axis=1, keepdims=True))


def stretch_and_centre(
    mel: np.ndarray,
    lengths: np.ndarray,
    tempo: np.ndarray | float = 1.0,
    shift: np.ndarray | float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Stretch clips in time and put them in the middle of the frames, or beside it.

    Parameters
    ----------
    mel : (clips, frames, bands) energies, speech from frame 0 on
    lengths : (clips,) frames of speech
    tempo : (clips,) factor on the length
    shift : (clips,) from -1, ten frames to the left, to 1, ten to the right

    Returns energies (clips, frames, bands), and which frames are speech (clips, frames) bool.
    """
    n_frames = mel.shape[1]
    tempo, shift = (np.broadcast_to(value, len(mel))[:, None] for value in (tempo, shift))
    lengths = lengths[:, None]
    room = np.maximum(0, n_frames - lengths * tempo)
    start = np.round(room / 2 + shift * np.minimum(room / 2, 10))
    position = (np.arange(n_frames) - start) / tempo  # where each new frame was before
    inside = (position >= 0) & (position <= lengths - 1)
    before = np.clip(np.floor(position), 0, n_frames - 1).astype(int)
    after, clip = np.minimum(before + 1, n_frames - 1), np.arange(len(mel))[:, None]
    part = np.clip(position - before, 0, 1).astype(np.float32)[..., None]
    stretched = mel[clip, before] * (1 - part) + mel[clip, after] * part
    return stretched * inside[..., None], inside


def network_samples(front_end: FrontEnd = COURSE_FRONT_END) -> int:
    """Return how many samples fill the `NETWORK_FRAMES` frames: one second."""
    return front_end.frame_length + (NETWORK_FRAMES - 1) * front_end.hop_length


def stack(clips: Sequence[np.ndarray], n_frames: int = NETWORK_FRAMES) -> np.ndarray:
    """Put clips (frames, numbers) into one array (clips, n_frames, numbers), zeros after each."""
    if not clips:
        raise ValueError("there are no clips: was a selection empty?")
    batch = np.zeros((len(clips), n_frames, clips[0].shape[-1]), np.float32)
    for row, clip in zip(batch, clips):
        row[: len(clip)] = clip[:n_frames]
    return batch


def network_input(
    waveforms: Sequence[np.ndarray], front_end: FrontEnd = COURSE_FRONT_END
) -> np.ndarray:
    """Features as the course's networks are given them: (clips, frames, bands) float32.

    Each clip is put in the middle of one second, longer ones are cropped, and its mel
    energies go through `normalise_log_mel`.
    """
    mel = mel_energies(crop(waveforms, network_samples(front_end)), front_end)
    lengths = np.array([len(clip) for clip in mel])
    return normalise_log_mel(stretch_and_centre(stack(mel), lengths)[0], front_end)
