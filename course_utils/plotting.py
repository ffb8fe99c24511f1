"""Figures of the course: one look, one colour map for energy, alternative text always."""

import base64
import html
import io
from collections.abc import Mapping, Sequence

from course_utils.features import COURSE_FRONT_END, FrontEnd

import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

__all__ = [
    "COLOURS", "ENERGY_CMAP", "Picture", "plot_confusion", "plot_features", "plot_spectrogram",
    "plot_training_curve", "plot_waveform", "show",
]  # fmt: skip

ENERGY_CMAP = "magma"  # every picture of energy in the course
# Colours that colour-blind readers can tell apart (Okabe and Ito 2008)
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

LOOK: dict = {
    "axes.prop_cycle": plt.cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.constrained_layout.use": True,
    "figure.dpi": 90,
    "figure.figsize": (8, 3),
    "font.size": 10,
    "image.interpolation": "nearest",
    "legend.frameon": False,
}
plt.rcParams.update(LOOK)


class Picture:
    """A figure as a page image with its alternative text; nbval compares the text."""

    def __init__(self, png: bytes, alt: str, width: int):
        self.png, self.alt, self.width = png, alt, width

    @property
    def page(self) -> str:
        """The image as HTML; JupyterLab would ignore alternative text kept anywhere else."""
        data = base64.b64encode(self.png).decode()
        return (
            f'<img alt="{html.escape(self.alt)}" width="{self.width}" style="max-width:100%" '
            f'src="data:image/png;base64,{data}">'
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.page, "text/plain": f"Figure: {self.alt}"}


def show(figure: Figure, alt: str) -> Picture:
    """Close a figure and return it as the value of the cell, with its alternative text.

    `alt` says in a sentence what a reader should see; screen readers say it. Tests compare it:
    keep measured numbers that may wobble out of it. Raises ValueError for under four words.
    """
    if len(alt.split()) < 4:
        raise ValueError(f"alt={alt!r} does not say what to see in the figure: write a sentence")
    width = round(figure.get_figwidth() * figure.dpi)
    (canvas := FigureCanvasAgg(figure)).draw()
    image = PIL.Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    plt.close(figure)
    file = io.BytesIO()  # 256 colours are a third of the size, and enough
    image.quantize(256, dither=PIL.Image.Dither.NONE).save(file, format="png", optimize=True)
    return Picture(file.getvalue(), alt, width)


def plot_waveform(ax: Axes, waveform: np.ndarray, sample_rate: int, **style) -> None:
    """Draw a waveform (samples,) against time in seconds."""
    time = np.arange(len(waveform)) / sample_rate
    ax.plot(time, waveform, **{"linewidth": 0.6, **style})
    ax.set(xlabel="time (s)", ylabel="amplitude", xlim=(0, len(waveform) / sample_rate))


def plot_spectrogram(
    ax: Axes, power: np.ndarray, front_end: FrontEnd = COURSE_FRONT_END, range_db: float = 70.0
) -> AxesImage:
    """Draw a power spectrogram (frames, bins) in decibels below its maximum; return the image."""
    level = 10 * np.log10(np.maximum(power, 1e-12))
    scale = {"vmin": -range_db, "vmax": 0}
    image = plot_features(ax, level - level.max(), front_end, "frequency (kHz)", **scale)
    edges = np.array([-0.5, level.shape[1] - 0.5]) * front_end.sample_rate / 1000
    limits = ax.get_xlim()
    image.set_extent((*image.get_extent()[:2], *edges / front_end.frame_length))
    ax.set_xlim(limits, auto=None)
    ax.set_ylim(0, front_end.sample_rate / 2000)
    return image


def plot_features(
    ax: Axes,
    features: np.ndarray,
    front_end: FrontEnd = COURSE_FRONT_END,
    ylabel: str = "mel band",
    **style,
) -> AxesImage:
    """Draw features (frames, bands) as a picture: each frame around its centre, bands upwards."""
    hop, sides = front_end.hop_length, front_end.frame_length - front_end.hop_length
    start, end = np.array([sides, sides + 2 * hop * len(features)]) / 2 / front_end.sample_rate
    free = ax.get_autoscalex_on()  # no waveform beside it has said how long the sound is
    extent = (start, end, -0.5, features.shape[1] - 0.5)
    look = {"origin": "lower", "aspect": "auto", "cmap": ENERGY_CMAP, **style}
    image = ax.imshow(features.T, extent=extent, **look)
    if free:
        ax.set_xlim(0, end + start, auto=None)
    ax.set(xlabel="time (s)", ylabel=ylabel)
    return image


def plot_confusion(ax: Axes, counts: np.ndarray, names: Sequence[str]) -> AxesImage:
    """Draw counts (true class, predicted class) with the number in each cell."""
    image = ax.imshow(counts, cmap="Blues", vmin=0)
    for true, predicted in zip(*np.nonzero(counts), strict=True):
        count = counts[true, predicted]
        colour = "white" if count > counts.max() / 2 else "black"
        ax.text(predicted, true, str(count), ha="center", va="center", color=colour, fontsize=8)
    ticks = range(len(names))
    ax.set_xticks(ticks, names, rotation=45, ha="right")
    ax.set_yticks(ticks, names)
    ax.set(xlabel="recognised as", ylabel="spoken")
    return image


def plot_training_curve(axes: Sequence[Axes], history: Mapping[str, Sequence[float]]) -> None:
    """Draw loss and accuracy against epochs on two axes, from what `training.train` returns."""
    epochs = np.arange(1, len(history["loss"]) + 1)
    for ax, quantity in zip(axes, ("loss", "accuracy"), strict=True):
        ax.plot(epochs, history[quantity], label="training")
        if f"val_{quantity}" in history:
            ax.plot(epochs, history[f"val_{quantity}"], "--", label="validation")
        ax.set(xlabel="epoch", ylabel=quantity)
    axes[1].set_ylim(0, 1.02)
    axes[0].legend()
