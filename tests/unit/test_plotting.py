"""What reaches the page: figures with alternative text, and what they show."""

import io

from course_utils import plotting

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
    assert image.get_array().max() == 0 and list(image.get_extent()) == [0, 0.5, 0, 4]
    image = plotting.plot_features(axes[2], rng.random((50, 40)))
    assert image.get_array().shape == (40, 50)
    plotting.plot_confusion(axes[3], np.diag([3, 4]), ["a", "b"])
    assert [text.get_text() for text in axes[3].texts] == ["3", "4"]
    history = {"loss": [2, 1], "accuracy": [0.1, 0.9], "val_loss": [2, 2], "val_accuracy": [0, 1]}
    plotting.plot_training_curve(axes[4:], history)
    assert len(axes[4].lines) == 2
    plt.close(figure)
