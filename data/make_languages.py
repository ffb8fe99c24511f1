"""Make the small corpus of digits in other languages: data/languages (see the data card).

Synthetic voices teach, one real voice in each language tests. Needs Kokoro (data/kokoro.py), a
folder with

    apt-get download gcin-voice asterisk-core-sounds-{fr,ru}-wav             # dpkg -x each

and ``espeak-ng``. Run it from the folder above; it takes some minutes:

    python -m data.make_languages FOLDER

Kokoro speaks phonemes; the arrows are Mandarin's tones. It writes
``languages/<language>.ogg``, all synthetic clips end to end, ``languages/real.flac``, those of
people, ``languages/index.csv`` and SHA256SUMS.
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from course_utils.audio import trim_silence
from data import kokoro
from data.make_embedded_corpus import finish, write_table
from data.make_noise import DATA, SAMPLE_RATE, checksums

import numpy as np
import soundfile as sf
import soxr

FOLDER = DATA / "languages"
SLOWEST, FASTEST = 0.8, 1.25
TAKES = 2
SAID = {  # what espeak-ng reads, and the phonemes that Kokoro speaks
    "mandarin": (
        "ling2 yi1 er4 san1 si4 wu3 liu4 qi1 ba1 jiu3".split(),
        "liŋ↗ i→ ɚ↘ san→ sɨ↘ u↓ ljou↘ ʨʰi→ pa→ ʨjou↓".split(),
    ),
    "french": (
        "zéro un deux trois quatre cinq six sept huit neuf".split(),
        "zeʁˈo œ̃ dˈø tʁwˈa kˈatʁ sˈɛ̃k sˈis sˈɛt ɥˈit nˈœf".split(),
    ),
    "russian": (
        "ноль один два три четыре пять шесть семь восемь девять".split(),
        "nˈolʲ ɐdʲˈin dvˈa trʲˈi ʨitˈɨrʲi pʲˈatʲ ʂˈɛstʲ sʲˈemʲ vˈosʲimʲ dʲˈevʲitʲ".split(),
    ),
}
KOKORO = {  # its voices, by whom one take of each word is spoken
    "mandarin": ("zf_xiaobei", "zf_xiaoxiao", "zm_yunjian", "zm_yunxi"),
    "french": (),
    "russian": (),
}
ESPEAK = {"mandarin": "cmn-latn-pinyin", "french": "fr", "russian": "ru"}
TRACTS = {
    "m2": 40,
    "m3": 45,
    "m7": 50,
    "klatt2": 55,
    "f2": 50,
    "f3": 55,
    "f4": 60,
    "f5": 60,
}  # espeak-ng's vocal tracts, and their pitch
ZHUYIN = "ㄌㄧㄥ2 ㄧ ㄦ4 ㄙㄢ ㄙ4 ㄨ3 ㄌㄧㄡ4 ㄑㄧ ㄅㄚ ㄐㄧㄡ3".split()
OTHER_TONES = dict(
    zip(
        "ling4 yi4 er3 san4 si3 wu4 liu2 qi4 ba4 jiu4".split(),
        "ㄌㄧㄥ4 ㄧ4 ㄦ3 ㄙㄢ4 ㄙ3 ㄨ4 ㄌㄧㄡ2 ㄑㄧ4 ㄅㄚ4 ㄐㄧㄡ4".split(),
        strict=True,
    )
)
TONES = {"mā": "ㄇㄚ", "má": "ㄇㄚ2", "mǎ": "ㄇㄚ3", "mà": "ㄇㄚ4"}


def by_espeak(text: str, voice: str, speed: float, pitch: float) -> tuple[np.ndarray, int]:
    """One word of espeak-ng, and its rate."""
    command = ["espeak-ng", "-v", voice, "-s", str(round(160 * speed)), "-p", str(round(pitch))]
    wav = subprocess.run([*command, "--stdout", text], capture_output=True, check=True).stdout
    return sf.read(io.BytesIO(wav))


def synthetic(language: str) -> list[tuple[str, int, int, np.ndarray]]:
    """Voice, digit, take and sound of all synthetic clips of a language."""
    rng = np.random.default_rng(len(language))
    words, phonemes = SAID[language]
    made = []
    voices = [("kokoro", voice, 1) for voice in KOKORO[language]]
    voices += [("espeak", tract, TAKES) for tract in TRACTS]
    for engine, voice, n_takes in voices:
        for digit in range(10):
            places = (rng.permutation(n_takes) + rng.uniform(size=n_takes)) / n_takes
            for take, place in enumerate(places):
                speed = SLOWEST * (FASTEST / SLOWEST) ** place
                if engine == "kokoro":
                    spoken = kokoro.speak(phonemes[digit], voice, speed)
                    sound = spoken, kokoro.SAMPLE_RATE
                else:
                    pitch = TRACTS[voice] + rng.uniform(-12, 12)
                    sound = by_espeak(words[digit], f"{ESPEAK[language]}+{voice}", speed, pitch)
                clip = finish(np.asarray(sound[0], float), sound[1], rng.uniform(-14, -3))
                made.append((voice, digit, take, clip))
        print(language, voice, flush=True)
    return made


def real(folder: Path) -> list[tuple[str, str, str, str, int, np.ndarray]]:
    """Language, voice, kind, word, digit and sound of people's clips.

    The kinds: "real" are digits; "own" the same Mandarin syllables, by the same person, in another
    tone, to adapt to; "tone" is ma in four tones (digit -1).
    """
    said = {
        ("real", word): zhuyin for word, zhuyin in zip(SAID["mandarin"][0], ZHUYIN, strict=True)
    }
    said |= {("own", word): zhuyin for word, zhuyin in OTHER_TONES.items()}
    said |= {("tone", word): zhuyin for word, zhuyin in TONES.items()}
    files = [
        ("mandarin", "chu_lo", kind, word, -1 if kind == "tone" else place % 10, f"{zhuyin}/5.ogg")
        for place, ((kind, word), zhuyin) in enumerate(said.items())
    ]
    french, russian = "fr_CA_f_June/digits", "ru_RU_f_IvrvoiceRU/digits"
    for voice, language, name in (("june", "french", french), ("ivrvoice", "russian", russian)):
        words = enumerate(SAID[language][0])
        files += [(language, voice, "real", word, d, f"{name}/{d}.wav") for d, word in words]
    found = []
    for *about, name in files:
        waveform, rate = sf.read(next(folder.rglob(name)))
        waveform = waveform if waveform.ndim == 1 else waveform.mean(axis=1)
        if rate != SAMPLE_RATE:
            waveform = soxr.resample(waveform, rate, SAMPLE_RATE, quality="VHQ")
        clip = trim_silence(waveform.astype(np.float32), SAMPLE_RATE, top_db=35.0)
        clip = clip / np.abs(clip).max() * 0.7
        found.append((*about, np.round(clip * 32767).astype(np.int16)))
    return found


def main(folder: Path) -> None:
    """Speak, cut, store, list."""
    FOLDER.mkdir(exist_ok=True)
    rows = []
    for language in SAID:
        start, clips = 0, synthetic(language)
        for voice, digit, take, clip in clips:
            word = SAID[language][0][digit]
            rows.append((language, voice, "synthetic", word, digit, take, start, len(clip)))
            start += len(clip)
        sound = np.concatenate([clip for *_, clip in clips]) / 32768
        quality = {"format": "OGG", "subtype": "VORBIS", "compression_level": 0.5}
        sf.write(FOLDER / f"{language}.ogg", sound, SAMPLE_RATE, **quality)
    start, clips = 0, real(folder)
    for *about, clip in clips:
        rows.append((*about, 0, start, len(clip)))
        start += len(clip)
    sound = np.concatenate([clip for *_, clip in clips])
    sf.write(FOLDER / "real.flac", sound, SAMPLE_RATE, subtype="PCM_16")
    header = "language voice kind word digit take start_sample n_samples".split()
    write_table(FOLDER / "index.csv", tuple(header), rows)
    (DATA / "SHA256SUMS").write_text(checksums())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
