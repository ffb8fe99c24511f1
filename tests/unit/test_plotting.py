"""What reaches the page: figures with alternative text, and what they show."""

import io

from course_utils import plotting
from course_utils.features import FrontEnd, spectrogram

import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import pytest


def test_figure_reaches_the_page_with_its_alternative_text():
    figure, ax = plt.subplots()
    shown = plotting.show(figure, alt='A "rising" line & nothing else')
    bundle = shown._repr_mimebundle_()
    expected = 'alt="A &quot;rising&quot; line &amp; nothing else"'
    assert expected in bundle["text/html"] and 'src="data:image/png;base64,' in bundle["text/html"]
    assert bundle["text/plain"] == 'Figure: A "rising" line & nothing else'
    assert not plt.get_fignums()  # closed: it is not shown a second time


def test_the_picture_is_small_and_as_wide_as_it_was_drawn():
    figure, ax = plt.subplots(figsize=(4, 2), dpi=50)
    ax.imshow(np.random.default_rng(0).random((200, 200)), cmap=plotting.ENERGY_CMAP)
    shown = plotting.show(figure, alt="Noise in every colour there is")
    image = PIL.Image.open(io.BytesIO(shown.png))
    assert image.size == (200, 100) and shown.width == 200
    assert len(image.convert("RGB").getcolors(1000)) <= 256


@pytest.mark.parametrize("alt", ["", "figure", "plot of x"])
def test_figure_without_a_real_text_is_refused(alt):
    figure, _ = plt.subplots()
    with pytest.raises(ValueError, match="write a sentence"):
        plotting.show(figure, alt=alt)
    plt.close(figure)


def test_plots_draw_what_they_are_given():
    rng = np.random.default_rng(0)
    figure, axes = plt.subplots(1, 6)
    plotting.plot_waveform(axes[0], rng.normal(size=800), 8000)
    assert axes[0].get_xlim() == (0, 0.1)
    image = plotting.plot_spectrogram(axes[1], rng.random((50, 129)))
    assert image.get_array().max() == 0 and axes[1].get_ylim() == (0, 4)
    image = plotting.plot_features(axes[2], rng.random((50, 40)))
    assert image.get_array().shape == (40, 50)
    plotting.plot_confusion(axes[3], np.diag([3, 4]), ["a", "b"])
    assert [text.get_text() for text in axes[3].texts] == ["3", "4"]
    history = {"loss": [2, 1], "accuracy": [0.1, 0.9], "val_loss": [2, 2], "val_accuracy": [0, 1]}
    plotting.plot_training_curve(axes[4:], history)
    assert len(axes[4].lines) == 2
    plt.close(figure)


@pytest.mark.parametrize("hop_length", [8, 80, 256, 300])
@pytest.mark.parametrize("beside_a_waveform", [True, False])
def test_a_frame_is_drawn_at_its_centre_and_a_bin_at_its_frequency(hop_length, beside_a_waveform):
    front_end = FrontEnd(hop_length=hop_length)
    waveform = np.zeros(4000, np.float32)
    frame = 1600 // hop_length
    centre = frame * hop_length + 128
    waveform[centre - 20 : centre + 20] = np.sin(2 * np.pi * 1000 * np.arange(40) / 8000)
    figure, axes = plt.subplots(2, 1, sharex=beside_a_waveform)
    plotting.plot_waveform(axes[0], waveform, 8000)
    image = plotting.plot_spectrogram(axes[1], spectrogram(waveform, front_end), front_end)
    level = np.asarray(image.get_array())  # (bins, frames)
    row, column = np.unravel_index(level.argmax(), level.shape)
    left, right, low, high = image.get_extent()
    drawn = left + (column + 0.5) * (right - left) / level.shape[1]
    assert abs(drawn - centre / 8000) < 1e-3
    assert abs(low + (row + 0.5) * (high - low) / level.shape[0] - 1.0) < 1e-6  # kHz
    shown = axes[1].get_xlim()
    assert shown[0] == 0 and 0 <= 0.5 - shown[1] < hop_length / 8000
    assert shown[1] == 0.5 or not beside_a_waveform
    plt.close(figure)
