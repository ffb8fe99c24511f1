"""From a recording as people bring it to what a recogniser is given; and back into a file.

The recorder, a file and the service go the same way: `load_audio` or `to_course_format`, then
`prepare`, which takes the offset away and finds the word. A stream does the same in steps, with
`OffsetFilter` and `voice_activity`. Chapters 01 and 02 explain the parts.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from course_utils.audio import AudioError, decibels
from course_utils.corpora import SAMPLE_RATE
from course_utils.features import COURSE_FRONT_END, spectrogram
from course_utils.files import written_whole

import numpy as np
import scipy.ndimage
import scipy.signal
import soundfile
import soxr

__all__ = [
    "OffsetFilter", "Recording", "find_word", "foreign_format", "load_audio", "prepare",
    "read_frames", "save_audio", "subtract_noise", "to_course_format",
]  # fmt: skip

SHORTEST_SECONDS = 0.032  # one frame of the course's front end
LONGEST_SECONDS = 600.0  # of a file; a header may claim anything
RATES = (4_000, 768_000)  # Hz: outside of it a header lies, or is that of something else
SILENCE_DB = -80.0  # below this peak a file holds nothing to hear
LARGEST_SAMPLE = 2.0  # a mixture may be a little too loud; what is larger is no float in [-1, 1]
CANCELLED_DB = 30.0  # so much weaker than its channels a mean is only what they differ by

# How `find_word` hears: in decibels, hertz, seconds
SPEECH_HZ = (200.0, 3800.0)  # above the hum of the mains and its strongest harmonics
ONSET_DB, RELEASE_DB = 9.0, 4.0  # above the noise floor: a word reaches one, begins at the other
WORD_DB = 12.0  # and its loudest frame lies so far above the floor
SHORT_SECONDS = 1.0  # a shorter clip may be cut tightly around its word: its floor is not noise
SHORT_WORD_DB, SHORT_RANGE_DB = 5.0, 30.0  # in place of `WORD_DB`, and of the floor
RANGE_DB = 45.0  # what lies further below the loudest frame is silence, however quiet the room
QUIETEST_DB = -55.0  # nothing below it is a word that somebody said to a microphone
FLOOR_SHARE = 0.15  # of the frames are as quiet as the floor, or quieter
GAP_SECONDS = 0.25  # a shorter pause is inside a word, as before the t of "eight"
WORD_SECONDS = 0.05  # what is shorter is a click
STRING_SHARE = 0.01  # of the strongest word's energy: what is weaker is no word of a string
MARGIN_SECONDS = 0.06  # kept on both sides: a weak f or s begins before it can be told from noise

# How `subtract_noise` works (chapter 02)
OVERSUBTRACTION = 2.0  # so many times the mean noise is taken away: noise varies
SPECTRAL_FLOOR = 0.05  # so much of each cell stays at least: holes would ring
NOISE_FRAMES = 10  # fewer are too few to know the noise by


# What the first bytes of a file tell of formats that libsndfile does not read
FOREIGN = (
    (4, b"ftyp", "MPEG-4 audio (m4a, mp4, 3gp)"),
    (0, b"\x30\x26\xb2\x75", "Windows Media Audio (wma)"),
    (0, b"\x1a\x45\xdf\xa3", "a WebM or Matroska recording, as browsers make it"),
    (0, b"#!AMR", "AMR, of a telephone"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a zip archive: unpack it first"),
)


def text_of(path: Path) -> str:
    """Name of a file for a message, whatever bytes it consists of."""
    return path.name.encode("utf-8", "backslashreplace").decode("utf-8")


def foreign_format(path: str | os.PathLike | bytes) -> str:
    """Name the format of a file, or of its first bytes, that libsndfile does not read; or ''."""
    if not isinstance(path, bytes):
        with open(path, "rb") as file:
            path = file.read(16)
    found = (name for start, magic, name in FOREIGN if path[start:].startswith(magic))
    return next(found, "")


def load_audio(path: str | os.PathLike, sample_rate: int = SAMPLE_RATE) -> np.ndarray:
    """Read a sound file and turn it into what the course uses (chapter 00).

    Any format that libsndfile reads (WAV, FLAC, OGG, MP3, …), any rate, any width, any
    number of channels: channels are averaged, the rate is changed with a band limit.

    Returns
    -------
    (samples,) float32 in [-1, 1], mono, at `sample_rate` Hz

    Raises
    ------
    AudioError
        No such file, not a sound file, a format that is not read, empty, shorter than a frame
        (32 ms) or longer than ten minutes, NaN, infinite or enormous samples, or silence.
    """
    path = Path(path)
    name = text_of(path)
    if not path.is_file():
        raise AudioError(f"{name}: there is no such file in {path.resolve().parent}.")
    if path.stat().st_size == 0:
        raise AudioError(f"{name} is empty (0 bytes): record or copy it again.")
    if kind := foreign_format(path):
        raise AudioError(
            f"{name} is {kind}, which is not read here: convert it, for example with "
            "`ffmpeg -i FILE FILE.wav` or in Audacity, and take the WAV file."
        )
    try:
        with open(path, "rb") as content, soundfile.SoundFile(content) as file:
            samples, file_rate = read_frames(file, name)
    except (soundfile.LibsndfileError, TypeError, OSError) as error:  # TypeError: a .raw file
        reason = getattr(error, "error_string", "it has no header that says what it holds.")
        raise AudioError(
            f"{name} is not a sound file that can be read ({reason}) Its name may be wrong, or "
            "it is raw samples: save it as WAV or FLAC."
        ) from error
    return to_course_format(samples, file_rate, sample_rate, name=name)


def read_frames(file: soundfile.SoundFile, name: str = "The file") -> tuple[np.ndarray, int]:
    """Read an open sound file, whatever its header claims: samples (frames, channels), and Hz.

    Raises AudioError for a rate outside of `RATES` and for more than `LONGEST_SECONDS`.
    """
    rate = file.samplerate
    if not RATES[0] <= rate <= RATES[1]:
        raise AudioError(
            f"{name} says that it has {rate} samples a second: the header is wrong; export it "
            f"again with {SAMPLE_RATE} to 48000 Hz."
        )
    most, pieces, n_frames = int(LONGEST_SECONDS * rate), [], 0
    while len(piece := file.read(rate, dtype="float32", always_2d=True)):
        pieces.append(piece)
        n_frames += len(piece)
        if n_frames > most:
            raise AudioError(
                f"{name} is longer than {LONGEST_SECONDS / 60:.0f} minutes: cut it into pieces."
            )
    return np.concatenate(pieces) if pieces else np.empty((0, file.channels), np.float32), rate


def to_course_format(
    samples: np.ndarray, file_rate: int, sample_rate: int = SAMPLE_RATE, name: str = "The clip"
) -> np.ndarray:
    """Check samples (samples,) or (samples, channels) and make them mono at `sample_rate`.

    A file, an upload and the recorder share it. Raises `AudioError` as `load_audio`.
    """
    samples = np.asarray(samples, dtype=np.float32)
    if not np.isfinite(samples).all():
        bad = int((~np.isfinite(samples)).sum())
        raise AudioError(f"{name} has {bad} samples that are NaN or infinite: export it again.")
    seconds = len(samples) / file_rate
    if seconds < SHORTEST_SECONDS:
        raise AudioError(
            f"{name} is {1000 * seconds:.0f} ms long, shorter than one frame "
            f"({1000 * SHORTEST_SECONDS:.0f} ms): record a whole word."
        )
    loudest = np.abs(samples).max()
    if loudest > LARGEST_SAMPLE:
        raise AudioError(
            f"{name} has samples as large as {loudest:.5g}, where a file of floating-point numbers "
            "has them between -1 and 1: divide by 32768 if they were whole numbers of 16 bits, or "
            "export it again as 16-bit WAV."
        )
    if decibels(loudest) < SILENCE_DB:
        raise AudioError(f"{name} holds only silence: check the microphone and record again.")
    if samples.ndim == 2:
        channels, samples = samples, samples.mean(axis=1)
        if decibels(np.abs(samples).max()) < decibels(loudest) - CANCELLED_DB:
            samples = channels[:, np.abs(channels).max(axis=0).argmax()]  # the others cancel it
    if file_rate != sample_rate:
        samples = soxr.resample(samples, file_rate, sample_rate)
    return np.clip(samples, -1, 1)


def save_audio(path: str | os.PathLike, waveform: np.ndarray, sample_rate: int) -> None:
    """Write a waveform (samples,) in [-1, 1] as 16 bits; the ending chooses the format.

    The file appears whole or not at all. Raises `AudioError` for NaN or samples beyond ±1.
    """
    path = Path(path)
    peak = np.abs(waveform).max(initial=0)
    if not peak <= 1:
        raise AudioError(f"{path.name}: samples must be numbers in [-1, 1]; the peak is {peak}.")
    with written_whole(path) as unfinished:
        soundfile.write(unfinished, waveform, sample_rate, subtype="PCM_16")


# ---------------------------------------------------------------- the word in a recording


class OffsetFilter:
    """Takes away what is constant, or moves more slowly than speech: an idea of chapter 01.

    y[n] = x[n] - x[n-1] + 0.98 y[n-1]: a high-pass filter from 26 Hz on at 8 kHz. Before the
    first sample it takes the sound for constant, so that an offset is no step at the beginning.
    Pieces of a stream one after the other give what the whole gives.
    """

    NUMERATOR, DENOMINATOR = (1.0, -1.0), (1.0, -0.98)

    def __init__(self):
        self.state: np.ndarray | None = None

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Filter the next samples (samples,) of a sound: (samples,) float32."""
        if len(samples) == 0:
            return np.empty(0, np.float32)
        if self.state is None:
            constant = scipy.signal.lfilter_zi(self.NUMERATOR, self.DENOMINATOR)
            self.state = constant * float(samples[0])
        filtered, self.state = scipy.signal.lfilter(
            self.NUMERATOR, self.DENOMINATOR, samples, zi=self.state
        )
        return filtered.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Recording:
    """A recording that is ready for a recogniser, and where its word is.

    waveform : (samples,) float32 at 8 kHz, without offset
    span : first sample of the word and the one after its last; None if there is no word
    problem : why there is none, in words for the person who recorded it, else ""
    floor_db, level_db : noise floor and loudest frame, in decibels of full scale
    """

    waveform: np.ndarray
    span: tuple[int, int] | None
    problem: str
    floor_db: float
    level_db: float

    @property
    def word(self) -> np.ndarray:
        """The word alone, less the noise around it (samples,); AudioError if there is none."""
        if self.span is None:
            raise AudioError(self.problem)
        return subtract_noise(self.waveform, self.span)[slice(*self.span)]


def speech_level(waveform: np.ndarray) -> np.ndarray:
    """Level of each frame in the band of speech, in decibels of full scale: (frames,)."""
    power = spectrogram(waveform)
    hertz = np.linspace(0, SAMPLE_RATE / 2, power.shape[1])
    heard = (hertz >= SPEECH_HZ[0]) & (hertz <= SPEECH_HZ[1])
    full_scale = 3 / 16 * COURSE_FRONT_END.frame_length**2  # of the window, by Parseval
    return 10 * np.log10(power[:, heard].sum(axis=1) / full_scale + 1e-12)


def find_word(waveform: np.ndarray, several: bool = False) -> Recording:
    """Find the loudest word in a recording at 8 kHz, against its own noise floor, as in chapter 02.

    waveform (samples,), without offset. A word rises `WORD_DB` above the floor for at least
    `WORD_SECONDS`; it begins and ends where the level comes down to `RELEASE_DB` above it.
    several : take all that was said, from the first word to the last, and the pauses with it
    """
    hop, centre = COURSE_FRONT_END.hop_length, COURSE_FRONT_END.frame_length // 2
    level = speech_level(waveform)
    smooth = scipy.ndimage.median_filter(level, size=5, mode="nearest")  # a click has no level
    loudest = float(smooth.max())
    floor = float(np.quantile(level, FLOOR_SHARE))
    short = len(waveform) < SHORT_SECONDS * SAMPLE_RATE
    even = loudest < floor + (SHORT_WORD_DB if short else WORD_DB)  # nothing stands out
    floor = min(floor, loudest - SHORT_RANGE_DB) if short else max(floor, loudest - RANGE_DB)

    def found(problem: str = "", span: tuple[int, int] | None = None) -> Recording:
        return Recording(waveform, span, problem, floor, loudest)

    if loudest < QUIETEST_DB:
        return found(
            "Almost nothing was recorded: is the microphone muted, or far away? Speak again, "
            "closer to it."
        )
    spans = pieces_above(smooth, floor + RELEASE_DB, floor + ONSET_DB, GAP_SECONDS)
    energy = [np.sum(10 ** (smooth[first:end] / 10)) for first, end in spans]
    if even or not spans:
        return found("There is a sound, but no word stands out from it: speak louder, or closer.")
    first, end = spans[int(np.argmax(energy))]
    if several:
        said = [span for span, part in zip(spans, energy) if part > STRING_SHARE * max(energy)]
        first, end = said[0][0], said[-1][1]
    edges = np.flatnonzero(np.diff(np.r_[0, smooth[first:end] > floor + ONSET_DB, 0]))
    if np.diff(edges)[::2].max() * hop < WORD_SECONDS * SAMPLE_RATE:
        return found("That was a click, too short for a word: say a whole digit.")
    margin = int(MARGIN_SECONDS * SAMPLE_RATE)
    start = max(0, first * hop + centre - margin)
    return found(span=(start, min(len(waveform), (end - 1) * hop + centre + margin)))


def subtract_noise(waveform: np.ndarray, span: tuple[int, int]) -> np.ndarray:
    """Take the mean spectrum outside of `span` (samples) from all frames: (samples,) at 8 kHz.

    Spectral subtraction (Boll 1979; Berouti and others 1979), chapter 02. A clip with hardly
    anything around its word stays as it is.
    """
    length = COURSE_FRONT_END.frame_length
    grid = {"fs": SAMPLE_RATE, "nperseg": length, "noverlap": length * 3 // 4}
    _, seconds, spectrum = scipy.signal.stft(waveform, **grid)
    power, middle = np.abs(spectrum) ** 2, seconds * SAMPLE_RATE
    outside = (middle < span[0] - length / 2) | (middle > span[1] + length / 2)
    outside &= (middle >= length / 2) & (middle <= len(waveform) - length / 2)  # whole frames
    if outside.sum() < NOISE_FRAMES:
        return waveform
    noise = OVERSUBTRACTION * power[:, outside].mean(axis=1, keepdims=True)
    gain = np.sqrt(np.maximum(1 - noise / np.maximum(power, 1e-20), SPECTRAL_FLOOR**2))
    return scipy.signal.istft(gain * spectrum, **grid)[1][: len(waveform)].astype(np.float32)


def pieces_above(
    level: np.ndarray, release: float, onset: float, gap_seconds: float
) -> list[tuple[int, int]]:
    """Return runs of frames above `release` that reach `onset`, short gaps closed: (first, end)."""
    ends = np.flatnonzero(np.diff(np.r_[0, level > release, 0]))
    runs = [run for run in ends.reshape(-1, 2) if (level[slice(*run)] > onset).any()]
    gap = gap_seconds * SAMPLE_RATE / COURSE_FRONT_END.hop_length
    joined: list[tuple[int, int]] = []
    for first, end in runs:
        if joined and first - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], int(end))
        else:
            joined.append((int(first), int(end)))
    return joined


def prepare(
    samples: np.ndarray, sample_rate: int, name: str = "The clip", several: bool = False
) -> Recording:
    """Turn samples of any rate into a recording whose word is found: the one way in.

    several : find all words that were said, see `find_word`
    Raises `AudioError` as `load_audio`; a recording without a word is no error, see `Recording`.
    """
    waveform = OffsetFilter()(to_course_format(samples, sample_rate, name=name))
    return find_word(waveform, several)
