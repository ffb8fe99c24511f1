"""Make the five noises that the course mixes with speech, and the checksums.

Needs numpy and soundfile, and what make_embedded_corpus.py wrote, for the
babble is made of its voices. Takes a few seconds:

    python data/make_noise.py

Each noise lasts 10 s at 8 kHz, mono, at -26 dB RMS relative to full scale, and
may be repeated end to end: its end fits its beginning. Everything is seeded, so
the same packages give the same bytes. Writes ``noise/*.flac`` and SHA256SUMS.
"""

import csv
import hashlib
from pathlib import Path

import numpy as np
import soundfile as sf

DATA = Path(__file__).resolve().parent
SAMPLE_RATE = 8000
SAMPLES = 10 * SAMPLE_RATE
TIME = np.arange(SAMPLES) / SAMPLE_RATE  # seconds
FREQUENCY = np.fft.rfftfreq(SAMPLES, 1 / SAMPLE_RATE)  # Hz
RMS_DB = -26.0  # relative to full scale
PEOPLE = 16  # who talk at once in the babble


def shaped(rng: np.random.Generator, gain: np.ndarray) -> np.ndarray:
    """White noise with the spectrum multiplied by `gain` (bins,); it repeats without a seam."""
    return np.fft.irfft(np.fft.rfft(rng.standard_normal(SAMPLES)) * gain, SAMPLES)


def white(rng: np.random.Generator) -> np.ndarray:
    """The same power at all frequencies."""
    return shaped(rng, (FREQUENCY > 20).astype(float))


def pink(rng: np.random.Generator) -> np.ndarray:
    """Power that falls by 3 dB an octave, from 20 Hz up."""
    return shaped(rng, np.where(FREQUENCY > 20, 1 / np.sqrt(np.maximum(FREQUENCY, 20)), 0))


def hum(rng: np.random.Generator) -> np.ndarray:
    """Mains hum at 50 Hz: harmonics that swell a little, over a faint hiss."""
    swell = 1 + 0.1 * np.sin(2 * np.pi * 0.3 * TIME)
    sound = 0.02 * rng.standard_normal(SAMPLES)
    for harmonic in range(1, 25):
        strength = (1.0 if harmonic % 2 else 0.7) / harmonic**0.8
        sound += strength * np.sin(2 * np.pi * (50 * harmonic * TIME + rng.uniform()))
    return sound * swell


def babble(rng: np.random.Generator) -> np.ndarray:
    """Sixteen of the corpus's voices, each of which says digits without a stop."""
    with (DATA / "embedded" / "index.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["voice"] for row in rows})
    sound = np.zeros(SAMPLES)
    for name in rng.choice(names, PEOPLE, replace=False):
        voice, _ = sf.read(DATA / "embedded" / f"{name}.flac")
        clips = [row for row in rows if row["voice"] == name]
        talk = []
        while sum(map(len, talk)) < SAMPLES:
            clip = clips[rng.integers(len(clips))]
            start, length = int(clip["start_sample"]), int(clip["n_samples"])
            spoken = voice[start : start + length]
            pause = np.zeros(rng.integers(SAMPLE_RATE // 50, SAMPLE_RATE // 5))
            talk += [spoken / np.sqrt(np.mean(spoken**2)), pause]
        talk = np.concatenate(talk)
        # What does not fit at the end goes on at the beginning.
        whole = np.zeros(SAMPLES)
        np.add.at(whole, (np.arange(len(talk)) + rng.integers(SAMPLES)) % SAMPLES, talk)
        sound += whole * 10 ** (rng.uniform(-6, 0) / 20)
    return sound


def passing_car(rng: np.random.Generator, when: float, speed: float) -> np.ndarray:
    """Noise of tyres that swells, peaks at `when` s and fades, lower once past; `speed` 0 to 1."""
    near = 1 / (1 + ((TIME - when + 5) % 10 - 5) ** 2 / (0.9 - 0.4 * speed) ** 2)
    approach = -np.tanh(((TIME - when + 5) % 10 - 5) / 0.5)
    centre = (500 + 500 * speed) * (1 + 0.12 * approach) * (0.7 + 0.5 * near)  # Hz
    # A sweeping band pass: overlapping short frames, each with its own band.
    length, hop = 512, 128
    window = np.hanning(length + 1)[:-1]
    noise = rng.standard_normal(SAMPLES)
    bins = np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 1)
    sound = np.zeros(SAMPLES)
    for start in range(0, SAMPLES, hop):
        place = np.arange(start, start + length) % SAMPLES
        middle = place[length // 2]
        octaves = np.log2(bins / centre[middle])
        gain = near[middle] * np.exp(-0.5 * octaves**2)
        sound[place] += window * np.fft.irfft(np.fft.rfft(window * noise[place]) * gain, length)
    return sound


def horn(start: float) -> np.ndarray:
    """A distant two-tone car horn, 0.7 s, with two echoes."""
    since = TIME - start
    tone = np.zeros(SAMPLES)
    for pitch in (392.0, 494.0):  # Hz
        for harmonic in range(1, 7):
            tone += np.sin(2 * np.pi * pitch * harmonic * since) / harmonic**1.5
    tone *= np.clip(since / 0.05, 0, 1) * np.clip((0.7 - since) / 0.1, 0, 1)
    echoes = [(0.0, 1.0), (0.19, 0.4), (0.41, 0.2)]  # (seconds, strength)
    return sum(gain * np.roll(tone, round(delay * SAMPLE_RATE)) for delay, gain in echoes)


def street(rng: np.random.Generator) -> np.ndarray:
    """Low rumble, three cars that pass, a distant horn."""
    rumble = shaped(rng, np.where(FREQUENCY > 25, 1 / (1 + (FREQUENCY / 90) ** 2), 0))
    sound = 0.8 * rumble / rumble.std()
    for when, speed, strength in ((1.8, 0.3, 1.0), (5.2, 0.9, 1.4), (8.1, 0.5, 0.8)):
        car = passing_car(rng, when, speed)
        sound += strength * car / np.abs(car).max() * 4
    return sound + 0.25 * horn(6.4)


def checksums() -> str:
    """Lines for ``sha256sum -c`` of every recording and table."""
    paths = sorted(
        path for kind in ("flac", "ogg", "csv", "npz") for path in DATA.rglob(f"*.{kind}")
    )
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(DATA).as_posix()}\n"
        for path in paths
    )


def main() -> None:
    """Make, level and store every noise, then write the checksums."""
    folder = DATA / "noise"
    folder.mkdir(exist_ok=True)
    for seed, make in enumerate((white, pink, hum, babble, street)):
        noise = make(np.random.default_rng(seed))
        noise = noise - noise.mean()
        noise *= 10 ** (RMS_DB / 20) / noise.std()
        peak = np.abs(noise).max()
        if peak >= 1:
            raise SystemExit(f"{make.__name__}: peak {peak:.2f}, would clip")
        sf.write(
            folder / f"{make.__name__}.flac",
            np.round(noise * 32767).astype(np.int16),
            SAMPLE_RATE,
            subtype="PCM_16",
            compression_level=1.0,
        )
        print(f"{make.__name__:8s} peak {20 * np.log10(peak):5.1f} dB")
    (DATA / "SHA256SUMS").write_text(checksums())


if __name__ == "__main__":
    main()
