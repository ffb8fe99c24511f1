"""The site: built once from the stored outputs, read in Chromium without a network.

What is found wrong in the pages is found by functions that are proved to find it.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from course_utils.connected_digits import compose
from course_utils.instructors.cells import marked_lines, source_of
from course_utils.models import load_trained
from course_utils.serving.recordings import save_audio
from course_utils.serving.streaming import StreamingRecogniser
from course_utils.site import build as site_build
from course_utils.site import recogniser, staging
from course_utils.site.diagrams import DiagramError, draw, parse
from course_utils.site.extension import formula, heading_anchor
from course_utils.site.staging import SiteError
from course_utils.site.tables import results_page, status_page, table
from course_utils.site.welcome import Recognition
from tests import run_all

import numpy as np
import pytest
import soundfile

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "browser"))  # what the browser tests share
AXE = Path(os.environ.get("AXE_CORE", ROOT / "build" / "axe" / "package" / "axe.min.js"))
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    """What the tests want to know of a page: its links, anchors, pictures, players, text."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.without_text: list[str] = []
        self.download, self.title, self.words = "", "", []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        self.open += [tag] if tag not in VOID else []
        self.anchors |= {has[key] for key in ("id", "name") if has.get(key)}
        if tag == "a" and has.get("href"):
            self.links.append(has["href"])
            if "download" in has:
                self.download = has["href"]
        for key in ("src", "href", "action", "data", "poster", "xlink:href"):
            if tag not in ("a",) and has.get(key):
                self.loaded.append(has[key])
        texts = {"img": "alt", "audio": "aria-label", "svg": "aria-label"}
        silent = tag == "img" and has.get("alt") == "" and "mark.svg" in has.get("src", "")
        if tag in texts and not has.get(texts[tag]) and not silent and "aria-hidden" not in has:
            self.without_text.append(self.get_starttag_text()[:120])

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if "title" in self.open and "svg" not in self.open:
            self.title += data
        if not {"script", "style"} & set(self.open):
            self.words.append(data)


@functools.cache
def read_page(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def problems(path: Path, site: Path) -> list[str]:
    """Say what is wrong with a page: links, what it loads, texts, title, download."""
    page, found = read_page(path), []
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or link.startswith("//"):
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_file():
            found.append(f"a link leads nowhere: {link}")
        elif parts.fragment and target.suffix == ".html":
            if unquote(parts.fragment) not in read_page(target).anchors:
                found.append(f"a link leads to no such place: {link}")
    for address in page.loaded:
        parts = urlsplit(address)
        if parts.scheme not in ("", "data") or address.startswith("//"):
            found.append(f"it loads {address[:80]}")
        elif not parts.scheme and parts.path and not (path.parent / unquote(parts.path)).is_file():
            found.append(f"it loads what is not there: {address[:80]}")
    found += [f"without a text: {tag}" for tag in page.without_text]
    if not page.title.strip() or "no title" in page.title:
        found.append("it has no title")
    folder = path.parent.relative_to(site).as_posix()
    has_notebook = folder.startswith("notebooks") and path.stem != "final_project"  # plain text
    if has_notebook and page.download != f"{path.stem}.ipynb":
        found.append("no button downloads its notebook")
    return found


# ---------------------------------------------------------------- bad input


@pytest.fixture
def course(tmp_path) -> Path:
    """A small course: one chapter, a glossary, no exercise."""
    chapter = {
        "cells": [
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# 1 · Signals\n\n"
             "A **bin**. [See](glossary.ipynb)\n\n$$x^2$$"},
            {"cell_type": "code", "id": "b", "metadata": {}, "source": "print(1)",
             "execution_count": 1,
             "outputs": [{"output_type": "stream", "name": "stdout", "text": "1\n"}]},
        ],
        "metadata": {"language_info": {"name": "python", "pygments_lexer": "ipython3"}},
        "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    row = "| **bin** | A frequency. | [01](01_signals.ipynb) | 频点 | píndiǎn |\n"
    text = f"# Glossary\n\n| term | meaning | chapter | Chinese | pinyin |\n|-|-|-|-|-|\n{row}"
    terms = {**chapter, "cells": [{**chapter["cells"][0], "source": text}]}
    folder = tmp_path / "course" / "notebooks"
    (folder / "images").mkdir(parents=True)
    (folder / "exercises").mkdir()
    (folder / "01_signals.ipynb").write_text(json.dumps(chapter), encoding="utf-8")
    (folder / "glossary.ipynb").write_text(json.dumps(terms), encoding="utf-8")
    for name in (*staging.MARKDOWN, *staging.FILES):
        (tmp_path / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "course" / name).write_text("# A page\n\nText.\n", encoding="utf-8")
    return tmp_path / "course"


def change(path: Path, change_cells) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change_cells(notebook["cells"])
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_a_chapter_without_outputs_is_refused(course, tmp_path):
    change(course / "notebooks/01_signals.ipynb", lambda cells: cells[1].update(outputs=[]))
    with pytest.raises(SiteError, match="01_signals.ipynb has no stored outputs: run it and store"):
        staging.stage(course, tmp_path / "pages", tmp_path / "downloads")


def test_a_stored_error_is_refused(course, tmp_path):
    error = {"output_type": "error", "ename": "KeyError", "evalue": "", "traceback": []}
    change(course / "notebooks/01_signals.ipynb", lambda cells: cells[1].update(outputs=[error]))
    with pytest.raises(SiteError, match="stores an error, KeyError"):
        staging.stage(course, tmp_path / "pages", tmp_path / "downloads")


def test_a_term_that_is_defined_twice_is_refused(course, tmp_path):
    def twice(cells):
        row = "| **bins** | Again. | [01](01_signals.ipynb) | 频点 | píndiǎn |\n"
        cells[0].update(source=cells[0]["source"] + row)

    change(course / "notebooks/glossary.ipynb", twice)
    with pytest.raises(SiteError, match="defines “bins” twice"):
        staging.stage(course, tmp_path / "pages", tmp_path / "downloads")


def test_what_is_no_notebook_is_refused(course, tmp_path):
    (course / "notebooks/01_signals.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(SiteError, match="01_signals.ipynb cannot be read as a notebook"):
        staging.stage(course, tmp_path / "pages", tmp_path / "downloads")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("see [there](missing.ipynb)", "missing.ipynb"),
        ("see [there](glossary.ipynb#No-such-heading)", "No-such-heading"),
        (r"$$\nosuchcommand{x}$$", "nosuchcommand"),
        ("fine, with $a_1$ and a [glossary](glossary.ipynb#Glossary)", ""),
    ],
)
def test_a_broken_link_or_formula_ends_the_build(course, tmp_path, text, told):
    change(course / "notebooks/01_signals.ipynb", lambda cells: cells[0].update(
        source=f"# 1 · Signals\n\n{text}"))  # fmt: skip
    source, downloads = tmp_path / "pages", tmp_path / "downloads"
    pages = staging.stage(course, source, downloads)
    names = [*pages, "notebooks/glossary", *(n.removesuffix(".md") for n in staging.MARKDOWN)]
    order = "# Home\n\n```{toctree}\n" + "\n".join(names) + "\n```\n"
    (source / "index.md").write_text(order, encoding="utf-8")
    arguments = source, tmp_path / "site", tmp_path / "trees", downloads
    if told:
        with pytest.raises(SiteError, match=told):
            site_build.run_sphinx(*arguments)
    else:
        site_build.run_sphinx(*arguments)
        assert "<math" in (tmp_path / "site/notebooks/01_signals.html").read_text("utf-8")


def test_the_command_says_why_there_is_no_site(monkeypatch, capsys):
    def refuse(root, target):
        raise SiteError("01_signals.ipynb has no stored outputs")

    monkeypatch.setattr(site_build, "build", refuse)
    assert site_build.main() == 1
    assert capsys.readouterr().err.startswith("There is no new site. 01_signals.ipynb has no")


def test_a_diagram_that_cannot_be_drawn_is_told(monkeypatch, capsys):
    monkeypatch.setattr(site_build, "build", lambda root, target: draw("pie"))
    assert site_build.main() == 1
    assert "only graph and flowchart" in capsys.readouterr().err


def test_a_page_that_is_too_large_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.html").write_bytes(b"x" * 1000)
    assert site_build.check_sizes(tmp_path) == {"pages": 1, "bytes": 1000, "largest": 1000}
    monkeypatch.setattr(site_build, "LARGEST_PAGE", 999)
    with pytest.raises(SiteError, match="a.html has 1,000 bytes: 999 at most"):
        site_build.check_sizes(tmp_path)


# ---------------------------------------------------------------- the parts


def test_cells_become_what_a_reader_sees():
    hidden = {"cell_type": "code", "metadata": {"jupyter": {"source_hidden": True}},
              "source": "# solution\nx = 1", "outputs": [{"output_type": "display_data", "data": {
                  staging.WIDGET: {}, "text/html": staging.NEEDS_KERNEL[0]}}]}  # fmt: skip
    staging.stage_cell(hidden, set(), "")
    assert "hide-input" in hidden["metadata"]["tags"]
    assert hidden["metadata"]["mystnb"]["code_prompt_show"] == "Show the solution"
    assert hidden["outputs"][0]["data"] == {"text/html": staging.NEEDS_KERNEL[1]}
    text = "A **bin** <!-- no result --> and `**bin**`, **bins**; **other**\n"
    staged = staging.stage_text(text, {"term-bin"}, "../")
    assert staged.count('href="../glossary.html#term-bin"') == 2
    assert "`**bin**`" in staged and "**other**" in staged and "<!--" not in staged


def test_an_anchor_is_what_jupyterlab_makes():
    assert heading_anchor("0.2 The map of the course") == "0.2-The-map-of-the-course"


def test_a_diagram_is_drawn():
    chart = parse('flowchart TD\n a["x · y"] --> b[z]\n b --> c\n a --> c')
    assert chart.nodes == {"a": "x · y", "b": "z", "c": "c"}
    drawn = draw("graph LR\n A[one] --> B[two] --> C[three]\n C -. no .-> A")
    assert drawn.count("<rect") == 3 and "three to one (no)" in drawn and "dotted" in drawn
    for wrong, told in (("pie", "only graph"), ("graph LR\n A ==> B", "arrow"),
                        ("graph LR\n A --> B\n B --> A", "circle")):  # fmt: skip
        with pytest.raises(DiagramError, match=told):
            draw(wrong)


def test_a_formula_is_drawn_or_refused():
    assert formula("x^2", "inline").startswith("<math")
    with pytest.raises(ValueError, match="nosuch"):
        formula(r"\nosuch{x}", "inline")


def test_tables_have_every_row_and_say_what_is_not_known(tmp_path, monkeypatch):
    rows = json.loads((ROOT / "data" / "results.json").read_text(encoding="utf-8"))
    assert results_page(ROOT).count("<tr><td") == len(rows)
    assert '<td data-sort="2">a &lt; b</td>' in table(["x"], [[("a < b", 2)]], "y")
    (tmp_path / "data").mkdir()
    with pytest.raises(SiteError, match=r"results.json cannot be read"):
        results_page(tmp_path)
    shutil.copy(ROOT / "data" / "results.json", tmp_path / "data")
    assert "No full run of the tests is recorded" in status_page(tmp_path)
    (tmp_path / "data" / "file").write_text("x")
    (tmp_path / "data" / "SHA256SUMS").write_text(f"{'0' * 64}  file\n")
    job = {"title": "units", "outcome": "passed", "seconds": 60}
    run = {"passed": 2, "failed": 0, "skipped": 1, "seconds": 60, "jobs": [job]}
    monkeypatch.setattr(run_all, "ROOT", tmp_path)
    run_all.remember(run)  # one job alone is no full run
    assert "No full run of the tests is recorded" in status_page(tmp_path)
    run_all.remember({**run, "jobs": [job, job]})
    said = status_page(tmp_path)
    assert "commit unknown" in said
    assert "not as listed: file" in said and "2 tests passed, 0 failed" in said


# ---------------------------------------------------------------- the recogniser, and npm


@pytest.mark.slow
def test_the_file_says_what_the_stream_says_and_nothing_else_passes(tmp_path):
    network = load_trained("connected_digit_network")
    recogniser.export(tmp_path / "recogniser.onnx", network)
    assert recogniser.check_file(tmp_path / "recogniser.onnx", network) < 1e-4
    assert (tmp_path / "recogniser.onnx").stat().st_size < 1e6
    other = load_trained("connected_digit_network")
    other.set_weights([1.01 * weight for weight in other.get_weights()])
    assert recogniser.check_file(tmp_path / "recogniser.onnx", other) > 1e-2


def test_a_missing_npm_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    told = recogniser.fetch_runtime(tmp_path / "talk", tmp_path / "kept")
    assert told.startswith("npm is not installed: it fetches onnxruntime-web")
    assert not (tmp_path / "talk").exists()


@pytest.mark.skipif(os.name != "posix", reason="the npm of this test is a script of the shell")
def test_an_npm_that_fails_is_told(tmp_path, monkeypatch):
    (tmp_path / "npm").write_text("#!/bin/sh\necho no network here >&2\nexit 1\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    told = recogniser.fetch_runtime(tmp_path / "talk", tmp_path / "kept")
    assert "could not fetch" in told and "(no network here)" in told
    assert list((tmp_path / "kept").iterdir()) == []
    (tmp_path / "kept" / f"{recogniser.RUNTIME.replace('@', '-')}.tgz").write_bytes(b"no archive")
    assert "delete it, then" in recogniser.fetch_runtime(tmp_path / "talk", tmp_path / "kept")


def test_a_site_without_the_runtime_says_so(tmp_path):
    (tmp_path / "recogniser.onnx").write_bytes(b"x" * 1000)
    nothing = np.zeros(8000, np.float32)
    example = Recognition(nothing, 8000, nothing, nothing, ((1, 0.5),), "Somebody")
    page = recogniser.talk_page(tmp_path, example, "npm is not installed")
    assert "built without the recogniser: npm is not installed" in page
    assert "make serve" in page and "<script" not in page


# ---------------------------------------------------------------- the whole site


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site of this course, built here; SITE names one that is built already."""
    if os.environ.get("SITE"):
        return Path(os.environ["SITE"]).resolve()
    folder = tmp_path_factory.mktemp("built") / "site"
    site_build.build(ROOT, folder)
    return folder


def pages_of(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


@pytest.mark.slow
def test_every_page_is_whole(site):
    wrong = {path.name: found for path in pages_of(site) if (found := problems(path, site))}
    assert wrong == {}


@pytest.mark.slow
def test_every_chapter_and_exercise_has_a_page(site):
    for path in [*staging.chapters(ROOT), *staging.exercises(ROOT)]:
        relative = path.relative_to(ROOT)
        assert (site / relative.with_suffix(".html")).is_file(), relative
        assert (site / relative).is_file(), relative
    assert site_build.check_sizes(site)["pages"] >= 2 * len(staging.chapters(ROOT))


@pytest.mark.slow
def test_no_solution_and_no_hidden_test_is_shown(site):
    """Neither in a page nor in a notebook to download; what a chapter shows is no secret."""
    hidden, visible = set(), set()
    for path in staging.exercises(ROOT):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for line, secret in marked_lines(source_of(cell)):
                (hidden if secret else visible).add(line.strip())
    for path in [*staging.chapters(ROOT), *ROOT.glob("*.md")]:
        visible |= {line.strip() for line in shown_lines(path.read_text(encoding="utf-8"))}
    secrets = {line for line in hidden - visible if len(line) >= 20}
    assert len(secrets) > 500
    for path in [*(site / "notebooks/exercises").rglob("*.*"), site / "searchindex.js"]:
        if path.suffix == ".html":
            text = "".join(read_page(path).words)
        else:
            text = path.read_text(encoding="utf-8")
        lines = {line.strip() for line in shown_lines(text)}
        assert not lines & secrets, path
        assert not re.search(r"### (BEGIN|END)", text), path
    assert {"x = 1"} & set(shown_lines(json.dumps({"cells": [{"source": ["x = 1\n"]}]})))


def shown_lines(text: str) -> list[str]:
    """Return the lines of a text, or of a notebook's cells."""
    if text.startswith("{"):
        return [line for c in json.loads(text)["cells"] for line in source_of(c).splitlines()]
    return text.splitlines()


@pytest.mark.slow
def test_a_fault_is_found(site, tmp_path):
    copy = tmp_path / "notebooks"
    copy.mkdir()
    (copy / "a.html").write_text(
        '<title></title><a href="b.html">b</a><a href="#c">c</a><img src="https://x.org/d.png">'
        '<audio src="data:,"></audio><script src="none.js"></script>',
        encoding="utf-8",
    )
    found = " ".join(problems(copy / "a.html", tmp_path))
    for told in ("nowhere: b.html", "no such place: #c", "loads https://x.org", "text: <img",
                 "text: <audio", "no title", "no button", "not there: none.js"):  # fmt: skip
        assert told in found, told


# ---------------------------------------------------------------- in a browser without a network


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_):
        """Keep the output of the tests clean."""


@pytest.fixture(scope="module")
def address(site):
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Chromium, whose microphone beeps: a tone of half a second, again and again."""
    beep = tmp_path_factory.mktemp("microphone") / "beep.wav"
    time = np.arange(24_000) / 48_000
    save_audio(beep, (0.1 * np.sin(2 * np.pi * 440 * time)).astype(np.float32), 48_000)
    chromium = pytest.importorskip("chromium", reason="no Chromium: no page is read")
    with chromium.playwright_api.sync_playwright() as playwright:
        opened = chromium.launch(playwright, beep, "--use-fake-ui-for-media-stream")
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, address):
    """Open a page where every request to another place fails and is noted."""
    foreign: list[str] = []
    contexts = []

    def open_page(name: str, **options):
        context = browser.new_context(**options)
        contexts.append(context)

        def judge(route):
            if route.request.url.startswith((address, "data:", "blob:")):
                route.continue_()
            else:
                foreign.append(route.request.url)
                route.abort()

        context.route("**/*", judge)
        page = context.new_page()
        page.on("pageerror", lambda error: foreign.append(f"an error: {error}"))
        page.goto(f"{address}/{name}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert foreign == []


LOOKED_AT = ["index", "notebooks/00_start_here", "notebooks/05_cnn", "notebooks/glossary",
             "notebooks/exercises/01_signals/signals", "results", "status", "search",
             "INSTRUCTORS", "CONTRIBUTING", "talk"]  # fmt: skip
ALL = [*LOOKED_AT, *(f"notebooks/{path.stem}" for path in staging.chapters(ROOT))]
ALL = list(dict.fromkeys(ALL))
# The colours of code are one style sheet's: looked at in a few pages. Elsewhere code is plain text
# for axe, which spends two thirds of its time on the spans in it
CODE_IN_COLOUR = {
    "notebooks/00_start_here",
    "notebooks/05_cnn",
    "notebooks/exercises/01_signals/signals",
}
IN_THE_DARK = ["index", "notebooks/00_start_here", "results", "talk"]  # the same style sheet


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_a_page_is_readable_in_two_seconds_and_fits_a_phone(visit, name):
    page = visit(f"{name}.html", viewport={"width": 390, "height": 844})
    ready = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
    took = [page.evaluate(ready)]
    while min(took) >= 2000 and len(took) < 4:  # another program had the machine
        page.reload()
        took.append(page.evaluate(ready))
    assert min(took) < 2000, took
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1280


FIND = """() => axe.run(document, {resultTypes: ["violations"],
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    .then(found => found.violations.flatMap(
        rule => rule.nodes.map(node => rule.id + ": " + node.html.slice(0, 200))))"""


@pytest.mark.slow
@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not here: .ci/run fetches it with npm")
@pytest.mark.parametrize(
    ("name", "colours"), [*((n, "light") for n in ALL), *((n, "dark") for n in IN_THE_DARK)]
)
def test_a_page_has_no_accessibility_violation(visit, name, colours):
    page = visit(f"{name}.html", color_scheme=colours, reduced_motion="reduce")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    if name not in CODE_IN_COLOUR:
        plain = "code => code.textContent = code.textContent"
        page.evaluate(f"() => document.querySelectorAll('.highlight pre').forEach({plain})")
    assert page.evaluate(FIND) == []


@pytest.mark.slow
def test_the_colours_can_be_switched_and_stay(visit):
    page = visit("results.html", color_scheme="light")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.get_by_role("button", name="Dark colours").click()
    dark = page.evaluate(ground)
    assert dark != before
    page.reload()
    assert page.evaluate(ground) == dark


@pytest.mark.slow
def test_a_table_sorts_by_a_click(visit):
    page = visit("results.html")
    column = "() => [...document.querySelectorAll('table.sortable')[0].tBodies[0].rows]" \
        ".map(row => row.cells[4].dataset.sort).filter(x => x !== '').map(Number)"  # fmt: skip
    button = page.locator("table.sortable").first.get_by_role("button", name="value")
    button.click()
    values = page.evaluate(column)
    assert values == sorted(values) and len(values) > 50
    button.click()
    assert page.evaluate(column) == sorted(values, reverse=True)


@pytest.mark.slow
def test_the_search_finds_a_term(visit):
    page = visit("search.html?q=cepstrum")
    page.wait_for_selector("#search-results li", timeout=15_000)
    found = page.locator("#search-results").inner_text()
    assert "MFCC" in found


@pytest.mark.slow
def test_a_quiz_opens_and_code_that_is_collapsed_unfolds(visit):
    page = visit("notebooks/05_cnn.html")
    answer = page.locator("details", has_text="Yes:").last
    assert not answer.get_by_text("Yes:").is_visible()
    answer.locator("summary").click()
    assert answer.get_by_text("Yes:").is_visible()
    collapsed = page.locator("details.hide").first
    assert not collapsed.locator("pre").first.is_visible()
    collapsed.locator("summary").click()
    assert collapsed.locator("pre").first.is_visible()
    assert page.locator("math").count() > 0


@pytest.mark.slow
def test_a_player_plays(visit):
    page = visit("notebooks/00_start_here.html")
    page.evaluate("() => { const one = document.querySelector('audio'); one.load(); }")
    page.wait_for_function("() => document.querySelector('audio').duration > 0.1", timeout=10_000)


@pytest.mark.slow
def test_the_first_page_moves_and_keeps_still_when_asked(visit):
    moving = "() => document.querySelector('.moving').getAnimations({subtree: true}).length"
    page = visit("index.html")
    assert page.evaluate(moving) > 3
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("button", name="Go on").is_visible()
    still = visit("index.html", reduced_motion="reduce")
    assert still.evaluate(moving) == 0
    assert still.locator(".said").first.is_visible()


@pytest.mark.slow
def test_the_contents_open_on_a_phone(visit):
    page = visit("notebooks/05_cnn.html", viewport={"width": 390, "height": 844})
    contents = page.get_by_role("navigation", name="Contents of the course")
    assert not contents.is_visible()
    page.get_by_role("button", name="Contents").click()
    assert contents.is_visible()
    page.keyboard.press("Escape")
    assert not contents.is_visible()


# ---------------------------------------------------------------- the recogniser in the page


READY = "() => document.body.dataset.ready"


@pytest.fixture
def talk(site, visit):
    """The page that listens, when it is ready."""
    if not (site / "talk" / "ort.wasm.min.mjs").is_file():
        pytest.skip("npm did not fetch ONNX Runtime Web: the page has no recogniser")
    page = visit("talk.html")
    page.wait_for_function(READY, timeout=60_000)
    return page


def heard_in(page, path: Path) -> list[dict]:
    """Give the page a file; return its final results, in their order."""
    before = page.locator("#finals li").count()
    page.set_input_files("#file", str(path))
    page.wait_for_function(
        "name => document.getElementById('status').textContent.startsWith(name + ':')",
        arg=path.name,
        timeout=30_000,
    )
    lines = page.locator("#finals li").evaluate_all("all => all.map(one => one.dataset.event)")
    return [json.loads(line) for line in reversed(lines[: len(lines) - before])]


@pytest.mark.slow
def test_the_page_answers_as_the_recogniser_in_python(talk, embedded, tmp_path):
    model = StreamingRecogniser(load_trained("connected_digit_network"))
    strings = compose(embedded, 6, seed=5)
    rng = np.random.default_rng(0)
    pause = rng.normal(0, 1e-4, 12_000)  # 1.5 s: an utterance ends there
    two = np.concatenate([strings.waveforms[4], pause, strings.waveforms[5]])
    noise, offset = rng.normal(0, 0.01, 16_000), strings.waveforms[0] + 0.2
    sounds = [*strings.waveforms[:4], two, noise, offset]
    n_finals = 0
    for i, sound in enumerate(sounds):
        path = tmp_path / f"sound {i}.wav"
        save_audio(path, np.clip(sound, -1, 1).astype(np.float32), 8000)
        waveform, _ = soundfile.read(path, dtype="float32")
        stream = model.stream()
        events = [*stream.accept(waveform), *stream.finish()]
        expected = [event for event in events if event.kind == "final"]
        found = heard_in(talk, path)
        assert [one["text"] for one in found] == [one.text for one in expected], i
        for one, other in zip(found, expected, strict=True):
            assert np.allclose(one["times"], other.times, atol=0.002)
            assert np.allclose([one["start"], one["end"]], [other.start, other.end], atol=0.011)
            assert abs(one["probability"] - other.probability) < 0.01
        n_finals += len(expected)
    assert n_finals >= 6


@pytest.mark.slow
def test_it_is_fast_enough(talk, embedded, tmp_path):
    """Ten times faster than the sound; the first answer within two seconds of being ready."""
    sound = np.concatenate(compose(embedded, 4, seed=1).waveforms)
    save_audio(tmp_path / "sound.wav", sound, 8000)
    firsts: list[float] = []
    while min(firsts, default=2000) >= 2000 and len(firsts) < 3:  # another program had the machine
        if firsts:
            talk.reload()
            talk.wait_for_function(READY, timeout=60_000)
        began = talk.evaluate("() => performance.now()")
        talk.get_by_role("button", name="Try an example").click()
        talk.wait_for_selector("#finals li", timeout=30_000)
        firsts.append(talk.evaluate("() => performance.now()") - began)
    assert min(firsts) < 2000, firsts
    factors: list[float] = []
    while min(factors, default=1) > 0.1 and len(factors) < 3:
        assert heard_in(talk, tmp_path / "sound.wav")
        factors.append(float(talk.locator("#speed").get_attribute("data-factor")))
    assert min(factors) <= 0.1, factors


@pytest.mark.slow
def test_it_hears_the_microphone_and_gives_it_back(talk):
    """Chromium's microphone beeps here: what is heard is sound, and no word."""
    talk.get_by_role("button", name="Listen").click()
    talk.wait_for_function(
        "() => /^[1-9].* s of sound/.test(document.getElementById('speed').textContent)",
        timeout=20_000,
    )
    talk.get_by_role("button", name="Stop").click()
    assert talk.locator("#status").inner_text() == "Stopped."
    assert talk.locator("#problem").inner_text() == ""


@pytest.mark.slow
def test_what_is_no_sound_is_told(talk, tmp_path):
    (tmp_path / "notes.txt").write_text("no sound")
    talk.set_input_files("#file", str(tmp_path / "notes.txt"))
    talk.wait_for_function("() => document.getElementById('problem').textContent", timeout=10_000)
    assert "notes.txt is no sound file" in talk.locator("#problem").inner_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("delete globalThis.WebAssembly", "This browser has no WebAssembly"),
        ("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})", "only to pages"),
        (
            "navigator.mediaDevices.getUserMedia = async () => "
            "{ throw new DOMException('', 'NotFoundError') }",
            "This machine has no microphone. You can choose a sound file instead.",
        ),
    ],
)
def test_a_browser_that_lacks_something_is_told(talk, script, told):
    talk.add_init_script(script)
    talk.reload()
    talk.wait_for_function(
        "() => document.body.dataset.ready || document.getElementById('problem').textContent",
        timeout=60_000,
    )
    if "WebAssembly" not in told:
        talk.get_by_role("button", name="Listen").click()
    talk.wait_for_function("() => document.getElementById('problem').textContent", timeout=10_000)
    assert told in talk.locator("#problem").inner_text()
