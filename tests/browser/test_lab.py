"""A student's first hour in a real browser: JupyterLab, a slider, the microphone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from course_utils import corpora
from course_utils.serving.recordings import save_audio

import nbformat
import numpy as np
import pytest
import soxr
from chromium import AXE, free_port, launch, needs_axe, playwright_api, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
SPOKEN = 3  # the notebook itself has recognised a seven


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A copy of the course: what the browser saves does not touch the checkout."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("notebooks", "course_utils", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def lab(course, tmp_path_factory) -> str:
    """A running JupyterLab; yields its address."""
    port = free_port()
    settings = tmp_path_factory.mktemp("settings")
    command = [sys.executable, "-m", "course_utils.setup.lab", "--no-browser", f"--port={port}"]
    command += ["--allow-root", "--IdentityProvider.token=", "--ServerApp.port_retries=0"]
    command += ["--LabApp.expose_app_in_browser=True"]  # the tests ask it for the whole notebook
    environment = {
        **os.environ,
        "PYTHONPATH": str(course),
        "JUPYTER_CONFIG_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(settings / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings / "settings"),
    }
    with open(settings / "lab.log", "w") as log:
        server = subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api", server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="module")
def spoken_digit(tmp_path_factory) -> Path:
    """A file for the fake microphone: silence, then a digit of the test side, repeated.

    Chromium plays it over and over, so a recording holds the word whenever it starts.
    """
    corpus = corpora.load_digits()
    test = corpora.official_split(corpus).test
    clip = test.waveforms[np.flatnonzero(test.labels == SPOKEN)[0]]
    waveform = np.concatenate([np.zeros(8000), clip, np.zeros(12000 - len(clip))])
    path = tmp_path_factory.mktemp("microphone") / "digit.wav"
    save_audio(path, np.clip(soxr.resample(waveform, 8000, 48000), -1, 1), 48000)
    return path


@pytest.fixture(scope="module")
def page(lab, spoken_digit):
    with playwright_api.sync_playwright() as playwright:
        browser = launch(playwright, spoken_digit, "--use-fake-ui-for-media-stream")
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(60_000)
        yield page
        browser.close()


CODE_CELLS = (
    "jupyterapp.shell.currentWidget.content.model.toJSON().cells"
    ".filter(cell => cell.cell_type === 'code')"
)


def open_and_run_all(page, lab: str, name: str) -> None:
    """Open a chapter, forget its stored outputs, run all of it, wait for the end."""
    page.goto(f"{lab}/lab/tree/notebooks/{name}.ipynb?reset")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=90_000)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=90_000)
    page.wait_for_timeout(1000)
    for menu, item in (("Edit", "Clear Outputs of All Cells"), ("Run", "Run All Cells")):
        page.get_by_role("menuitem", name=menu, exact=True).click()
        page.get_by_role("menuitem", name=item, exact=True).click()
    page.wait_for_function(  # JupyterLab draws only the cells near the window: ask its model
        f"() => {{ const code = {CODE_CELLS}; return code.every(cell => cell.execution_count)"
        " || code.some(cell => cell.outputs.some(one => one.output_type === 'error')) }",
        timeout=240_000,
        polling=1000,
    )


def errors_on(page) -> list[str]:
    errors = f"{CODE_CELLS}.flatMap(cell => cell.outputs).filter(o => o.output_type === 'error')"
    return page.evaluate(f"() => {errors}.map(error => error.ename + ': ' + error.evalue)")


def scroll_to(page, selector: str):
    """JupyterLab draws only the cells near the window: scroll until the element is there."""
    page.locator(".jp-WindowedPanel-outer").first.evaluate("e => e.scrollTo(0, 0)")
    for _ in range(120):
        found = page.locator(selector)
        if found.count() and found.first.is_visible():
            found.first.scroll_into_view_if_needed()
            return found.first
        page.locator(".jp-WindowedPanel-outer").first.evaluate("e => e.scrollBy(0, 500)")
        page.wait_for_timeout(100)
    raise AssertionError(f"{selector} is nowhere in the notebook")


def test_chapter_00_runs_from_top_to_bottom(page, lab):
    open_and_run_all(page, lab, "00_start_here")
    assert errors_on(page) == []
    assert page.locator(".jp-NotebookPanel").is_visible()


def test_every_figure_and_player_has_its_text(page):
    scroll_to(page, ".course-explorer img")
    assert page.locator(".jp-OutputArea img:not([alt])").count() == 0
    assert page.locator(".jp-OutputArea audio:not([aria-label])").count() == 0


CONTENT = [".jp-RenderedHTMLCommon", ".jp-OutputArea-output"]  # what a chapter itself shows
FIND_VIOLATIONS = """content => axe.run(
    {include: content.filter(selector => document.querySelector(selector))},
    {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
).then(found => found.violations.flatMap(
    rule => rule.nodes.map(node => rule.id + ": " + node.html.slice(0, 200))))"""


@needs_axe
def test_a_chapter_has_no_accessibility_violation(page):
    page.evaluate(AXE.read_text(encoding="utf-8"))
    outer, found = page.locator(".jp-WindowedPanel-outer").first, set()
    outer.evaluate("e => e.scrollTo(0, 0)")
    for _ in range(60):  # JupyterLab draws only the cells near the window
        found |= set(page.evaluate(FIND_VIOLATIONS, CONTENT))
        end = outer.evaluate("e => { e.scrollBy(0, 900); return e.scrollTop + e.clientHeight }")
        if end >= outer.evaluate("e => e.scrollHeight") - 1:
            break
        page.wait_for_timeout(150)
    found |= set(page.evaluate(FIND_VIOLATIONS, CONTENT))
    assert sorted(found) == []
    page.evaluate("""document.querySelector(".jp-RenderedHTMLCommon").insertAdjacentHTML(
        "beforeend", "<img id='unnamed' src='x'>")""")
    assert any("unnamed" in each for each in page.evaluate(FIND_VIOLATIONS, CONTENT)), "it can fail"
    page.evaluate("document.querySelector('#unnamed').remove()")


def test_the_microphone_is_heard_and_recognised(page):
    answer = f".course-explorer img[alt^='Recognised: {corpora.DIGITS[SPOKEN]}']"
    scroll_to(page, ".course-microphone button")
    assert page.locator(f".course-explorer:has(.course-microphone) {answer}").count() == 0
    page.get_by_role("button", name="Record a digit").click()
    status = page.locator(".course-microphone [role=status]").first
    page.wait_for_timeout(1600)
    page.locator(answer).first.wait_for(timeout=60_000)
    assert status.inner_text().startswith("The kernel has your recording, 1.")


def test_a_file_that_is_no_sound_is_refused(page, tmp_path):
    (tmp_path / "text.wav").write_text("hello")
    scroll_to(page, ".course-microphone input[type=file]").set_input_files(tmp_path / "text.wav")
    alert = page.locator(".course-explorer [role=alert]").first
    alert.wait_for()
    assert "text.wav is not a sound file" in alert.inner_text()


def test_a_slider_moves_a_figure(page):
    handle = scroll_to(page, ".course-explorer .noUi-handle")
    picture = page.locator(".course-explorer:has(.noUi-handle) img").first
    before = picture.get_attribute("src")
    handle.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([before]) => { const image = document.querySelector('.course-explorer:has(.noUi-handle) "
        "img'); return image && image.getAttribute('src') !== before; }",
        arg=[before],
        timeout=30_000,
    )


def test_the_map_of_the_course_is_drawn(page):
    scroll_to(page, ".jp-RenderedMermaid img, .jp-RenderedMermaid svg")


@pytest.mark.parametrize("name", ["01_signals", "02_speech_and_spectra", "03_mfcc"])
def test_chapter_runs_and_its_explorers_move(page, lab, name):
    open_and_run_all(page, lab, name)
    assert errors_on(page) == []
    test_a_slider_moves_a_figure(page)
    source = (ROOT / "notebooks" / f"{name}.ipynb").read_text()
    assert len(re.findall(r"Explorer: ", source)) >= 3


CONTROLS = """
import ipywidgets
import matplotlib.pyplot as plt
from course_utils import plotting, widgets
from course_utils.lessons import predict

def draw(**values):
    return plotting.show(plt.figure(figsize=(2, 1)), "A figure without anything in it")

display(predict("What will you see?", "a figure", "nothing"))
widgets.explore(
    draw,
    "Every kind of control",
    steps=ipywidgets.IntSlider(),
    share=ipywidgets.FloatSlider(),
    hertz=ipywidgets.FloatLogSlider(),
    size=ipywidgets.SelectionSlider(options=[1, 2]),
    word=ipywidgets.Dropdown(options=["yes", "no"]),
    text=ipywidgets.Text(value="hello"),
)
"""
KIND = re.compile(r"\b(\w*Slider|\w*Text|Dropdown|Checkbox|RadioButtons|Select\w*|Toggle\w*)\(")


def test_every_kind_of_control_is_tried():
    sources = [path.read_text("utf-8") for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")]
    used = {kind for source in sources for kind in KIND.findall(source)}
    assert used - {"Text"} <= set(KIND.findall(CONTROLS)) and len(used) > 3


@needs_axe
def test_every_kind_of_control_is_accessible(page, lab, course):
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(CONTROLS)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, course / "notebooks" / "controls.ipynb")
    open_and_run_all(page, lab, "controls")
    assert errors_on(page) == []
    scroll_to(page, ".course-explorer select")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(FIND_VIOLATIONS, CONTENT) == []
    page.evaluate("""() => {
        document.querySelector(".course-explorer select").removeAttribute("aria-label");
        document.querySelectorAll(".course-explorer label").forEach(label => label.remove());
    }""")
    assert page.evaluate(FIND_VIOLATIONS, CONTENT), "it can fail"
