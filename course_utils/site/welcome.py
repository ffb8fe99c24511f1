"""The first page of the site: a recognition that moves, three ways in, the chapters."""

from __future__ import annotations

import base64
import html
import io
import re
from dataclasses import dataclass
from pathlib import Path

from course_utils.connected_digits import connected_digit_features, join
from course_utils.corpora import load_digits, official_split
from course_utils.instructors.cells import read_notebook, source_of
from course_utils.site.extension import THEME
from course_utils.site.staging import chapters, exercises

import jinja2
import matplotlib
import numpy as np
import PIL.Image
import soundfile
from scipy.special import softmax

__all__ = ["Recognition", "chapter_card", "draw_recognition", "recognise_example", "welcome_page"]

SPOKEN = (3, 1, 4, 1, 5)
REST = 3.0  # seconds in which the whole picture stands still
PAGES = {
    "More": ("talk", "notebooks/glossary", "notebooks/final_project", "results", "status"),
    "About the course": (
        "README", "INSTRUCTORS", "CONTRIBUTING", "CHANGES", "data/README", "data/models/README",
        "data/real/README", "data/text/README",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Recognition:
    """One sound and what becomes of it.

    waveform : (samples,); sample_rate in Hz
    features : (frames, bands), what the network is given
    outputs : (steps, 11) probabilities, one step each 40 ms
    answers : the digits, and the second at which each was recognised
    source : who speaks, in words
    """

    waveform: np.ndarray
    sample_rate: int
    features: np.ndarray
    outputs: np.ndarray
    answers: tuple[tuple[int, float], ...]
    source: str

    @property
    def seconds(self) -> float:
        """How long the sound lasts."""
        return len(self.waveform) / self.sample_rate


def recognise_example(seed: int = 0) -> Recognition:
    """Say a string of digits with clips that were put aside for testing, and recognise it."""
    from course_utils import models  # these two load TensorFlow
    from course_utils.serving.streaming import StreamingRecogniser

    corpus = load_digits()
    test = official_split(corpus).test
    voice = np.unique(test.speakers)[-2]
    rng = np.random.default_rng(seed)
    clips = [rng.choice(np.flatnonzero((test.labels == d) & (test.speakers == voice)))
             for d in SPOKEN]  # fmt: skip
    words = [test.waveforms[clip] for clip in clips]
    waveform, _ = join(words, corpus.sample_rate, rng, pause=0.18)
    waveform = np.concatenate([waveform, np.zeros(2000, np.float32)])
    model = models.load_trained("connected_digit_network")
    stream = StreamingRecogniser(model).stream()
    events = [*stream.accept(waveform), *stream.finish()]
    final = [event for event in events if event.kind == "final"]
    answers = [pair for event in final for pair in zip(event.symbols, event.times)]
    features = connected_digit_features(waveform)
    outputs = softmax(np.asarray(model(features[None], training=False))[0], axis=-1)
    real = corpus.name == "fsdd"
    source = f"{voice.capitalize()}, {'a real person' if real else 'a synthetic voice'}"
    return Recognition(waveform, corpus.sample_rate, features, outputs, tuple(answers), source)


def picture(values: np.ndarray, colours: str) -> str:
    """Return a table of numbers in [0, 1] (time, rows) as a picture, row 0 at the bottom."""
    pixels = matplotlib.colormaps[colours](np.clip(values.T[::-1], 0, 1), bytes=True)[..., :3]
    file = io.BytesIO()
    image = PIL.Image.fromarray(np.ascontiguousarray(pixels))
    image.quantize(128).save(file, format="png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def sound(waveform: np.ndarray, sample_rate: int) -> str:
    """Return a waveform as the address of a player."""
    file = io.BytesIO()
    soundfile.write(file, waveform, sample_rate, format="WAV", subtype="PCM_16")
    return "data:audio/wav;base64," + base64.b64encode(file.getvalue()).decode()


def outline(waveform: np.ndarray, width: int, height: float) -> str:
    """Return the outline of a waveform as the path of an SVG, `width` wide, around y = 0."""
    columns = np.array_split(waveform, width // 2)
    peak = max(1e-6, float(np.abs(waveform).max()))
    tops = [(2 * i, -height * column.max() / peak) for i, column in enumerate(columns)]
    lows = [(2 * i, -height * column.min() / peak) for i, column in enumerate(columns)]
    points = " ".join(f"{x} {y:.1f}" for x, y in [*tops, *reversed(lows)])
    return f"M{points}z"


def draw_recognition(example: Recognition) -> dict:
    """Return what the template of the first page needs to draw a recognition that moves."""
    scale = example.features / max(1e-6, float(example.features.max()))
    cycle = example.seconds + REST
    width = 760
    said = [
        {"digit": digit, "x": round(width * time / example.seconds), "at": 100 * time / cycle}
        for digit, time in example.answers
    ]
    return {
        "wave": outline(example.waveform, width, 34),
        "features": picture(scale, "magma"),
        "outputs": picture(example.outputs[:, :10], "magma"),
        "sound": sound(example.waveform, example.sample_rate),
        "seconds": round(example.seconds, 2),
        "cycle": round(cycle, 2),
        "swept": round(100 * example.seconds / cycle, 2),
        "width": width,
        "said": said,
        "answer": " ".join(str(one["digit"]) for one in said),
        "source": example.source,
    }


def chapter_card(path: Path) -> dict:
    """Return number, title, minutes and first promise of a chapter."""
    text = "\n".join(source_of(cell) for cell in read_notebook(path)["cells"][:1])
    heading = re.match(r"# (\d+) · (.+)", text)
    minutes = re.search(r"about (\d+) minutes", text)
    promise = re.search(
        r"\*\*You will learn\*\*[^\n]*\s+[-*] (.*?)(?=\n[-*] |\n\n)", text, flags=re.S
    )
    said = " ".join(promise[1].split()).rstrip(";.").removeprefix("to ") if promise else ""
    said = re.sub(r"[*`$]", "", said[:1].upper() + said[1:])
    return {
        "page": f"notebooks/{path.stem}.html",
        "number": path.stem[:2],
        "title": html.escape(heading[2] if heading else path.stem),
        "minutes": minutes[1] if minutes else "",
        "promise": html.escape(said),
    }


def welcome_page(root: Path, pages: list[str], example: Recognition) -> str:
    """Return the first page, with the order of all others."""
    template = jinja2.Template((THEME / "welcome.md").read_text(encoding="utf-8"))
    cards = [chapter_card(path) for path in chapters(root)]
    groups = {
        "Chapters": [page for page in pages if "/exercises/" not in page],
        "Exercises": [page for page in pages if "/exercises/" in page],
        **PAGES,
    }
    return template.render(
        cards=cards,
        minutes=sum(int(card["minutes"] or 0) for card in cards),
        n_exercises=len(exercises(root)),
        groups=groups,
        **draw_recognition(example),
    )
