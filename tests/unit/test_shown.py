"""What reaches the page: figures with alternative text, explorers, recorder, metrics."""

import re

from course_utils import metrics, plotting, widgets
from course_utils.setup import machine
from course_utils.audio import play

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import binomtest


def figure_of(value=1.0):
    figure, ax = plt.subplots(figsize=(2, 1))
    ax.plot([0, value])
    return plotting.show(figure, alt=f"A line that rises to {value}")


def test_figure_reaches_the_page_with_its_alternative_text():
    figure, ax = plt.subplots()
    shown = plotting.show(figure, alt='A "rising" line & nothing else')
    bundle = shown._repr_mimebundle_()
    expected = 'alt="A &quot;rising&quot; line &amp; nothing else"'
    assert expected in bundle["text/html"] and 'src="data:image/png;base64,' in bundle["text/html"]
    assert bundle["text/plain"] == 'Figure: A "rising" line & nothing else'
    assert not plt.get_fignums()  # closed: it is not shown a second time


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


# ---------------------------------------------------------------- explorers


def test_explorer_redraws_when_a_control_moves():
    explorer = widgets.explore(figure_of, "How high?", value=ipywidgets.FloatSlider(1, max=9))
    slider, page = explorer.children[1:]
    assert "rises to 1.0" in page.value
    slider.value = 5
    assert "rises to 5.0" in page.value
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == "Explorer: How high?"
    assert "rises to 5.0" in bundle["text/html"]  # for readers without a kernel


def test_explorer_says_when_values_make_no_sense():
    def draw(value):
        if value > 5:
            raise ValueError("more than five")
        return figure_of(value), play(np.zeros(80), 8000, "nothing")

    explorer = widgets.explore(draw, "How high?", value=ipywidgets.IntSlider(1, max=9))
    assert "<img" in explorer.children[-1].value and "<audio" in explorer.children[-1].value
    explorer.children[1].value = 6
    assert "Not possible:</b> more than five" in explorer.children[-1].value


def make_recorder():
    def recognise(waveform):
        return (play(waveform, 8000, f"heard {len(waveform)} samples"),)

    tone = np.sin(np.arange(4000) / 5).astype(np.float32)
    return widgets.recorder(recognise, {"tone": tone}), tone


def test_recorder_takes_a_clip_and_a_recording():
    recorder, tone = make_recorder()
    recorder.bundled.value = "tone"
    assert "heard 4000 samples" in recorder.page.value
    padded = np.r_[np.zeros(3000), tone, np.zeros(3000)].astype(np.float32)
    recorder.microphone.pcm = memoryview(padded.tobytes())
    heard = int(re.search(r"heard (\d+) samples", recorder.page.value)[1])
    assert 4000 <= heard < 4600


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(8000), "only silence"),
        (np.ones(10), "shorter than one frame"),
        (np.full(8000, np.nan), "NaN"),
    ],
)
def test_recorder_says_what_is_wrong_with_a_recording(samples, reason):
    recorder, _ = make_recorder()
    recorder.microphone.pcm = memoryview(samples.astype(np.float32).tobytes())
    assert reason in recorder.page.value and 'role="alert"' in recorder.page.value


def test_recorder_shows_why_there_is_no_microphone():
    recorder, _ = make_recorder()
    recorder.microphone.problem = "This machine has no microphone."
    assert "no microphone" in recorder.page.value


# ---------------------------------------------------------------- rates


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (297, 300), (300, 300)])
def test_interval_equals_scipys(successes, trials):
    expected = binomtest(successes, trials).proportion_ci(method="wilson")
    rate = metrics.proportion(successes, trials)
    assert (rate.low, rate.high) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_accuracy_refuses_logits_and_nothing():
    assert metrics.accuracy([1, 2, 3, 3], [1, 2, 3, 4]).value == 0.75
    with pytest.raises(ValueError, match="argmax"):
        metrics.accuracy(np.zeros(3), np.zeros((3, 10)))
    with pytest.raises(ValueError, match="no rate"):
        metrics.accuracy([], [])


def test_confusion_counts():
    counts = metrics.confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    np.testing.assert_array_equal(counts, [[1, 1], [0, 1]])


# ---------------------------------------------------------------- the environment check


def test_environment_check_names_the_remedy():
    assert environment.check_python((3, 12)).fine
    old = environment.check_python((3, 10))
    assert str(old).startswith("❌ Python 3.10  →  install Python 3.11 to 3.13")
    missing = environment.check_package("keras", None, "3.0")
    assert missing.needed and "make lab" in str(missing)
    other = environment.check_package("keras", "2.0", "3.0")
    assert not other.fine and not other.needed
    assert environment.check_package("keras", "3.0", "3.0").fine


def test_environment_check_passes_here(capsys):
    assert machine.check_machine()
    assert "❌" not in capsys.readouterr().out
