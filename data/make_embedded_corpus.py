"""Make the embedded corpus: spoken digits from three speech synthesisers.

Needs the Debian packages espeak-ng, flite, festival, festvox-kallpc16k and
festvox-kdlpc16k, and the Python packages numpy, soundfile and soxr. Run it
from anywhere; it takes about a minute:

    python data/make_embedded_corpus.py
    python data/make_noise.py

It writes ``embedded/<voice>.flac`` (all clips of a voice, end to end, ordered
by digit and take), ``embedded/index.csv`` (where each clip begins) and
``embedded/voices.csv``. The same packages give the same bytes.
"""

import csv
import io
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile as sf
import soxr

FOLDER = Path(__file__).resolve().parent / "embedded"
SAMPLE_RATE = 8000
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TAKES = 8
SLOWEST, FASTEST = 0.80, 1.22  # speed, relative to the voice's own
PITCH_SPAN = 3.0  # semitones up and down from the voice's own pitch
# flite's rms takes no notice of a pitch, so it alone is resampled. That moves its
# formants too, hence the smaller span.
RESAMPLED, RESAMPLED_SPAN = ("rms",), 1.5
PEAK_DB = (-14.0, -3.0)  # peak level of a clip, dB relative to full scale
STEP = 16  # samples are rounded to multiples of this: 12 bits, which halves the files


class Voice(NamedTuple):
    """One voice: `normal_speed` and `normal_pitch` are in the units of its engine.

    espeak-ng: words a minute, steps of -p (50 is the middle). flite and
    festival: 1 is the voice's own speed, pitch in Hz.
    """

    name: str
    engine: str
    engine_voice: str
    sex: str
    accent: str
    normal_speed: float
    normal_pitch: float


VOICES = (
    # Built from recordings of five people.
    Voice("rms", "flite", "rms", "male", "US", 1.2, 82),
    Voice("slt", "flite", "slt", "female", "US", 0.9, 175),
    Voice("awb", "flite", "awb", "male", "Scottish", 1.0, 134),
    Voice("kal", "festival", "kal_diphone", "male", "US", 0.95, 110),
    Voice("ked", "festival", "ked_diphone", "male", "US", 0.9, 122),
    # Formant synthesis: an accent and a vocal tract.
    Voice("diego", "espeak-ng", "en-us+Diogo", "male", "US", 160, 52),
    Voice("fiona", "espeak-ng", "en-us+f2", "female", "US", 180, 56),
    Voice("klaus", "espeak-ng", "en-us+klatt2", "male", "US", 165, 62),
    Voice("victor", "espeak-ng", "en-us-nyc+victor", "male", "New York", 155, 46),
    Voice("linda", "espeak-ng", "en-us-nyc+linda", "female", "New York", 180, 48),
    Voice("michel", "espeak-ng", "en+michel", "male", "British", 155, 66),
    Voice("auntie", "espeak-ng", "en+aunty", "female", "British", 175, 52),
    Voice("miles", "espeak-ng", "en-gb-x-rp+m2", "male", "RP", 180, 45),
    Voice("frances", "espeak-ng", "en-gb-x-rp+f3", "female", "RP", 170, 52),
    Voice("angus", "espeak-ng", "en-gb-scotland+paul", "male", "Scottish", 150, 58),
    Voice("flora", "espeak-ng", "en-gb-scotland+f4", "female", "Scottish", 185, 58),
    Voice("edward", "espeak-ng", "en-gb-x-gbclan+ed", "male", "Lancaster", 155, 56),
    Voice("belinda", "espeak-ng", "en-gb-x-gbclan+belinda", "female", "Lancaster", 155, 54),
    Voice("martin", "espeak-ng", "en-gb-x-gbcwmd+m7", "male", "West Midlands", 155, 54),
    Voice("gloria", "espeak-ng", "en-gb-x-gbcwmd+grandma", "female", "West Midlands", 165, 56),
    Voice("nathan", "espeak-ng", "en-029+Nguyen", "male", "Caribbean", 155, 50),
    Voice("faith", "espeak-ng", "en-029+f5", "female", "Caribbean", 180, 60),
)


class Take(NamedTuple):
    """How one clip is to be spoken: speed factor, semitones, peak in dB."""

    voice: Voice
    word: str
    take: int
    rate: float
    pitch: float
    peak_db: float


def plan(voice: Voice, words: tuple[str, ...] = WORDS, n_takes: int = TAKES) -> list[Take]:
    """Spread the takes of each word over speed and pitch, at random but repeatably.

    A latin hypercube: over the takes of a word each of `n_takes` speeds and each
    of as many pitches occurs once, paired by chance.
    """
    rng = np.random.default_rng([len(voice.name), *voice.name.encode()])
    span = RESAMPLED_SPAN if voice.name in RESAMPLED else PITCH_SPAN
    takes = []
    for word in words:
        steps = np.stack([rng.permutation(n_takes) for _ in range(3)])
        places = (steps + rng.uniform(size=steps.shape)) / n_takes
        for take, (speed, pitch, level) in enumerate(places.T):
            takes.append(
                Take(
                    voice,
                    word,
                    take,
                    round(float(SLOWEST * (FASTEST / SLOWEST) ** speed), 3),
                    round(float(span * (2 * pitch - 1)), 2),
                    round(float(PEAK_DB[0] + (PEAK_DB[1] - PEAK_DB[0]) * level), 1),
                )
            )
    return takes


def hertz(take: Take) -> float:
    """Pitch that flite and festival are asked for, in Hz."""
    return take.voice.normal_pitch * 2 ** (take.pitch / 12)


def speak_espeak(take: Take) -> tuple[np.ndarray, int]:
    """One word from espeak-ng, (samples,) and its sample rate."""
    words_a_minute = round(take.voice.normal_speed * take.rate)
    # A step of -p is close to a quarter of a semitone.
    step = round(take.voice.normal_pitch + 4 * take.pitch)
    command = ["espeak-ng", "-v", take.voice.engine_voice, "-s", str(words_a_minute)]
    command += ["-p", str(step), "--stdout", f"{take.word}."]
    wav = subprocess.run(command, capture_output=True, check=True).stdout
    return sf.read(io.BytesIO(wav))


def speak_flite(take: Take) -> tuple[np.ndarray, int]:
    """One word from flite, (samples,) and its sample rate."""
    stretch = 1 / (take.voice.normal_speed * take.rate)
    faster = 2 ** (take.pitch / 12) if take.voice.name in RESAMPLED else 1.0
    stretch *= faster  # played faster, it lasts as long as it should again
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "word.wav")
        command = ["flite", "-voice", take.voice.engine_voice]
        command += ["--setf", f"duration_stretch={stretch:.4f}"]
        command += ["--setf", f"int_f0_target_mean={hertz(take):.2f}"]
        command += ["-t", f"{take.word}.", "-o", str(path)]
        subprocess.run(command, check=True)
        waveform, sample_rate = sf.read(path)
        return waveform, round(sample_rate * faster)


def speak_festival(takes: list[Take]) -> list[tuple[np.ndarray, int]]:
    """All words of one festival voice in one process, for it is slow to start."""
    with tempfile.TemporaryDirectory() as folder:
        script = [f"(voice_{takes[0].voice.engine_voice})"]
        for number, take in enumerate(takes):
            stretch = 1 / (take.voice.normal_speed * take.rate)
            script += [
                f"(set! int_lr_params '((target_f0_mean {hertz(take):.2f}) (target_f0_std 15)"
                " (model_f0_mean 170) (model_f0_std 34)))",
                f"(Parameter.set 'Duration_Stretch {stretch:.4f})",
                f'(set! utterance (utt.synth (Utterance Text "{take.word}.")))',
                f'(utt.save.wave utterance "{folder}/{number}.wav" \'riff)',
            ]
        path = Path(folder, "words.scm")
        path.write_text("\n".join(script) + "\n")
        subprocess.run(["festival", "-b", str(path)], check=True)
        return [sf.read(f"{folder}/{number}.wav") for number in range(len(takes))]


def trim(
    waveform: np.ndarray, sample_rate: int, top_db: float = 32.0, margin: float = 0.02
) -> np.ndarray:
    """Cut what is `top_db` below the loudest 10 ms at both ends, but for a margin in s."""
    length = sample_rate // 100
    power = np.convolve(waveform**2, np.ones(length) / length, mode="same")
    loud = np.flatnonzero(power > power.max() * 10 ** (-top_db / 10))
    pad = round(margin * sample_rate)
    return waveform[max(0, loud[0] - pad) : loud[-1] + 1 + pad]


def finish(waveform: np.ndarray, sample_rate: int, peak_db: float) -> np.ndarray:
    """Trim, resample to 8 kHz (band-limited), fade the ends, set the peak; 12 bits in int16.

    Trimmed first: most of an [s] or [f] lies above 4 kHz, and at 8 kHz it would
    be taken for silence.
    """
    waveform = trim(waveform - waveform.mean(), sample_rate)
    waveform = soxr.resample(waveform, sample_rate, SAMPLE_RATE, quality="VHQ")
    fade = np.linspace(0, 1, round(0.005 * SAMPLE_RATE))
    waveform[: len(fade)] *= fade
    waveform[-len(fade) :] *= fade[::-1]
    waveform *= 10 ** (peak_db / 20) / np.abs(waveform).max()
    return (np.round(waveform * 32768 / STEP) * STEP).astype(np.int16)


def median_pitch(clips: list[np.ndarray]) -> float:
    """Median fundamental frequency in Hz over the voiced frames of many clips.

    The highest peak of the autocorrelation, normalised as in Boersma (1993),
    between 50 and 400 Hz, wherever it is above 0.6.
    """
    length, lags = 400, np.arange(SAMPLE_RATE // 400, SAMPLE_RATE // 50 + 1)
    window = np.hanning(length)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 1024)) ** 2)
    found = []
    for clip in clips:
        if len(clip) < length:
            continue
        frames = np.lib.stride_tricks.sliding_window_view(clip / 32768, length)[::80]
        frames = frames[frames.std(axis=1) > 0.2 * frames.std(axis=1).max()]
        frames = (frames - frames.mean(axis=1, keepdims=True)) * window
        correlation = np.fft.irfft(np.abs(np.fft.rfft(frames, 1024)) ** 2, axis=1)
        correlation = (correlation / correlation[:, :1])[:, lags] / (own / own[0])[lags]
        correlation -= 0.02 * np.log2(lags / lags[0])  # else an octave down may win
        best = correlation.argmax(axis=1)
        found.append(SAMPLE_RATE / lags[best[correlation.max(axis=1) > 0.6]])
    return float(np.median(np.concatenate(found)))


def speak(takes: list[Take]) -> list[np.ndarray]:
    """Speak and finish the takes of one voice, (samples,) int16 each."""
    engine = takes[0].voice.engine
    if engine == "festival":
        spoken = speak_festival(takes)
    else:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            spoken = list(pool.map(speak_flite if engine == "flite" else speak_espeak, takes))
    return [finish(*sound, take.peak_db) for sound, take in zip(spoken, takes, strict=True)]


def check(
    takes: list[Take], clips: list[np.ndarray], shortest: float = 0.18, longest: float = 0.9
) -> None:
    """Stop if a clip is silent, clipped, too short, too long, or there twice."""
    for take, clip in zip(takes, clips, strict=True):
        where = f"{take.voice.name}, {take.word}, take {take.take}"
        seconds, peak = len(clip) / SAMPLE_RATE, np.abs(clip.astype(int)).max()
        if not shortest <= seconds <= longest:
            raise SystemExit(f"{where}: lasts {seconds:.2f} s, expected {shortest} to {longest} s")
        if not 5000 < peak < 32767:
            raise SystemExit(f"{where}: peak {peak}, expected 5000 to 32767")
    if len({clip.tobytes() for clip in clips}) != len(clips):
        raise SystemExit(f"{takes[0].voice.name}: two clips are identical")


def write_table(path: Path, header: tuple[str, ...], rows: list[tuple]) -> None:
    """Write a CSV file with Unix line ends."""
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main() -> None:
    """Speak, finish, check and store every voice."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*"):
        old.unlink()
    index, voices = [], []
    for voice in VOICES:
        takes = plan(voice)
        clips = speak(takes)
        check(takes, clips)
        start = 0
        for take, clip in zip(takes, clips, strict=True):
            digit = WORDS.index(take.word)
            row = (voice.name, digit, take.take, start, len(clip), take.rate, take.pitch)
            index.append(row)
            start += len(clip)
        sf.write(
            FOLDER / f"{voice.name}.flac",
            np.concatenate(clips),
            SAMPLE_RATE,
            subtype="PCM_16",
            compression_level=1.0,
        )
        pitch, seconds = median_pitch(clips), start / len(clips) / SAMPLE_RATE
        row = (voice.name, voice.engine, voice.engine_voice, voice.sex, voice.accent)
        voices.append((*row, round(pitch), f"{seconds:.2f}"))
        print(f"{voice.name:8s} {pitch:4.0f} Hz  {seconds:.2f} s", flush=True)
    header = ("voice", "digit", "take", "start_sample", "n_samples", "rate", "pitch")
    write_table(FOLDER / "index.csv", header, index)
    header = ("voice", "engine", "engine_voice", "sex", "accent", "median_pitch_hz", "mean_seconds")
    write_table(FOLDER / "voices.csv", header, voices)
    print(f"{len(index)} clips of {len(voices)} voices; now run make_noise.py")


if __name__ == "__main__":
    main()
