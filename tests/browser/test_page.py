"""The page of the service in a real browser: digits and commands as the microphone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from course_utils import corpora
from course_utils.serving import assistant, service
from course_utils.serving.recordings import save_audio

import numpy as np
import pytest
import soxr
from chromium import AXE, free_port, launch, needs_axe, playwright_api, wait_for

SAID = "3 1 4 7"
VOICE = "jackson"  # where the corpus has him; else its first voice


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Start it as `make serve` does, on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "course_utils.serving.service", "--port", str(port)]
    root = Path(service.__file__).parents[2]
    server = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/health", server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory) -> Path:
    """Digits of the test side at 48 kHz, two seconds of silence before them and after."""
    test = corpora.official_split(corpora.load_digits()).test
    voice = VOICE if VOICE in test.speakers else test.speakers[0]
    clips = [
        test.waveforms[np.flatnonzero((test.labels == int(digit)) & (test.speakers == voice))[0]]
        for digit in SAID.split()
    ]
    pause = np.zeros(1600)
    parts = [part for clip in clips for part in (0.5 * clip / np.abs(clip).max(), pause)]
    return microphone(np.concatenate(parts), tmp_path_factory.mktemp("microphone"))


def microphone(said: np.ndarray, folder: Path) -> Path:
    """Write what is said as a file for the microphone, two seconds of silence around it."""
    waveform = np.concatenate([np.zeros(16000), said, np.zeros(16000)])
    path = folder / "said.wav"
    save_audio(path, np.clip(soxr.resample(waveform, 8000, 48000), -1, 1), 48000)
    return path


@pytest.fixture(scope="module")
def command(tmp_path_factory) -> Path:
    """A command, composed of clips of a voice that the network was never trained on."""
    rng = np.random.default_rng(0)
    corpus, words = assistant.load_commands(), "turn on the light in the kitchen".split()
    said, _ = assistant.say(corpus, words, "frances", rng)
    return microphone(said, tmp_path_factory.mktemp("microphone"))


@pytest.fixture(scope="module")
def playwright():
    with playwright_api.sync_playwright() as playwright:
        yield playwright


@pytest.fixture
def page(playwright, address, spoken, request):
    """The page in a fresh browser whose microphone says the digits once, or the command."""
    said = request.getfixturevalue("command") if "command" in request.fixturenames else spoken
    browser = launch(playwright, f"{said}%noloop", "--use-fake-ui-for-media-stream")
    page = browser.new_page()
    page.set_default_timeout(30_000)
    page.complaints, page.requests = [], []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.requests.append(request.url))
    page.goto(address)
    yield page
    browser.close()


def text_of(page, role: str) -> str:
    return page.locator("#digits").get_by_role(role).inner_text()


def finals(page) -> list[str]:
    return page.locator("#finals p").evaluate_all("lines => lines.map(line => line.dataset.text)")


def test_it_hears_the_digits(page, address):
    """With the keyboard alone: start, listen, see the digits, stop."""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "listen"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop listening").wait_for()
    drawn = "() => marks.map(mark => mark.digit).join(' ')"
    page.wait_for_function(f"said => ({drawn})() === said", arg=SAID)
    page.locator("#finals p").wait_for()
    assert finals(page) == [SAID]
    assert page.locator("#partial").inner_text() == ""
    assert text_of(page, "status") == "Listening…"
    blue = page.evaluate(
        "() => { const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, "
        "canvas.height).data; let n = 0; for (let i = 0; i < data.length; i += 4) "
        "n += data[i + 3] > 0; return n; }"
    )
    assert blue > 1000, "no waveform is drawn"
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Start listening").wait_for()
    page.wait_for_function("() => document.querySelector('#status').textContent === 'Stopped.'")
    assert finals(page) == [SAID]
    assert page.complaints == [], "the console is not silent"
    assert all(url.startswith((address, "blob:")) for url in page.requests), page.requests
    assert page.evaluate("() => session === null")


def test_it_reads_a_file(page, spoken, tmp_path):
    page.get_by_label("or choose a sound file (WAV").set_input_files(spoken)
    page.locator("#finals p").wait_for()
    assert finals(page) == [SAID]
    assert "recognised" in text_of(page, "status")
    (tmp_path / "text.wav").write_text("three one four")
    page.get_by_label("or choose a sound file (WAV").set_input_files(tmp_path / "text.wav")
    page.get_by_role("alert").wait_for()
    assert text_of(page, "alert").startswith("text.wav: This is no sound file")
    assert finals(page) == []


def test_it_can_be_used_with_a_screen_reader(page):
    tree = page.locator("body").aria_snapshot()
    assert 'heading "Say some digits"' in tree and 'button "Start listening"' in tree
    assert "or choose a sound file" in tree and 'img "The last six seconds' in tree
    assert 'heading "Give a command to the assistant"' in tree and 'button "Start talking"' in tree
    assert 'textbox "Or type a command:"' in tree and 'img "Street map of home, school' in tree
    live = page.locator("[role=log]").evaluate_all("all => all.map(log => log.ariaLive)")
    assert live == ["polite", "polite"]
    assert page.locator("html").get_attribute("lang") == "en"


# ---------------------------------------------------------------- the assistant


def last_reply(page, n: int) -> str:
    """Wait for the n-th answer of the assistant, and return it."""
    reply = page.locator("#conversation .reply").nth(n - 1)
    reply.wait_for()
    return reply.inner_text().removeprefix("Assistant: ")


def way_on(page) -> str:
    return page.locator("#map").get_attribute("aria-label")


KITCHEN = "turn on the light in the kitchen"


def test_the_assistant_obeys_a_spoken_command(page, address, command):
    """With the keyboard alone, and nothing is asked of another machine."""
    page.locator("#assistant").wait_for()
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "talk"
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop talking").wait_for()
    assert last_reply(page, 1) == "The light in the kitchen is bright."
    said = page.locator("#conversation").inner_text()
    assert f"You: {KITCHEN}" in said and "Understood: light on(ROOM = kitchen)" in said
    assert page.locator("#rooms li").first.inner_text() == "kitchen: light bright"
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Start talking").wait_for()
    assert page.evaluate("() => talking === null && line.readyState === 1")
    assert page.complaints == [] and page.locator("#assistant-problem").inner_text() == ""
    ours = (address, address.replace("http", "ws"), "blob:")
    assert all(url.startswith(ours) for url in page.requests), page.requests


def type_command(page, text: str) -> None:
    page.get_by_label("Or type a command").fill(text)
    page.keyboard.press("Enter")


def test_the_assistant_reads_files_and_what_is_typed(page, command, tmp_path):
    page.locator("#assistant").wait_for()
    choose = page.get_by_label("or choose a sound file of a command")
    choose.set_input_files(command)
    assert last_reply(page, 1) == "The light in the kitchen is bright."
    page.wait_for_function("() => document.body.innerText.includes('said.wav: answered.')")
    type_command(page, "Go to the station")
    assert last_reply(page, 2) == "The bus station or the train station?"
    type_command(page, "train station")
    assert last_reply(page, 3).startswith("824 m to the train station")
    assert way_on(page) == (
        "Street map with the way from home: school, church, bus station, train station."
    )
    page.get_by_role("button", name="Undo").click()
    assert last_reply(page, 4) == "Undone." and "No way is shown" in way_on(page)
    (tmp_path / "text.wav").write_text("turn on the light")
    choose.set_input_files(tmp_path / "text.wav")
    problem = page.locator("#assistant-problem")
    problem.wait_for()
    assert "text.wav is no sound file" in problem.inner_text()
    page.get_by_role("button", name="Begin anew").click()
    page.wait_for_function("() => waiting === 0")
    assert page.locator("#conversation").inner_text() == ""
    assert page.locator("#rooms li").first.inner_text() == "kitchen: light off"
    type_command(page, "undo")
    assert last_reply(page, 1) == "There is nothing to undo."
    type_command(page, " ")
    assert "Type a command first" in problem.inner_text()
    assert [line for line in page.complaints if "decode" not in line] == []


VIOLATIONS = """() => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    .then(found => found.violations.flatMap(
        rule => rule.nodes.map(node => rule.id + ": " + node.html.slice(0, 200))))"""


@needs_axe
def test_the_page_has_no_accessibility_violation(page):
    page.locator("#assistant").wait_for()
    for n, line in enumerate(("set the light to red", "open the door", "go to the bridge")):
        type_command(page, line)
        last_reply(page, n + 1)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(VIOLATIONS) == []
    page.evaluate("document.querySelector('label[for=command]').remove()")
    assert any("command" in each for each in page.evaluate(VIOLATIONS)), "it can fail"


@pytest.mark.parametrize("code, reason, words", [
    (1013, "busy with 20 dialogues", "The service is busy (busy with 20 dialogues)"),
    (1008, "nothing came for 600 s", "ended the conversation: nothing came for 600 s"),
    (1012, "", "connection to the service is lost"),
])  # fmt: skip
def test_a_dialogue_that_the_service_ends(page, code, reason, words):
    page.route_web_socket(
        "**/assistant",
        lambda line: line.on_message(lambda _: line.close(code=code, reason=reason)),
    )
    page.reload()
    page.locator("#assistant").wait_for()
    type_command(page, "hello")
    page.locator("#assistant-problem").wait_for()
    assert words in page.locator("#assistant-problem").inner_text()
    assert page.evaluate("() => line === null")


def test_digits_and_assistant_share_the_microphone(page):
    page.get_by_role("button", name="Start listening").click()
    page.get_by_role("button", name="Stop listening").wait_for()
    page.get_by_role("button", name="Start talking").click()
    page.get_by_role("button", name="Stop talking").wait_for()
    page.get_by_role("button", name="Start listening").wait_for()
    page.get_by_role("button", name="Start listening").click()
    page.get_by_role("button", name="Start talking").wait_for()


def test_a_microphone_that_is_not_allowed(playwright, address, spoken):
    browser = launch(playwright, f"{spoken}%noloop", "--deny-permission-prompts")
    page = browser.new_page()
    page.goto(address)
    page.get_by_role("button", name="Start listening").click()
    page.get_by_role("alert").wait_for()
    assert "not allowed to use the microphone" in text_of(page, "alert")
    assert "choose a sound file instead" in text_of(page, "alert")
    assert page.evaluate("button.ariaDisabled") == "false"
    browser.close()


@pytest.mark.parametrize("motion, calm", [("reduce", True), ("no-preference", False)])
def test_nothing_moves_for_those_who_do_not_want_it(page, motion, calm):
    """The picture is drawn once a second instead of twenty times."""
    page.emulate_media(reduced_motion=motion)
    page.evaluate("() => { drawn = 0; const first = draw; draw = () => { drawn++; first(); }; }")
    page.get_by_role("button", name="Start listening").click()
    page.get_by_role("button", name="Stop listening").wait_for()
    before = page.evaluate("drawn")
    page.wait_for_timeout(2000)
    assert (page.evaluate("drawn") - before <= 3) == calm


@pytest.mark.parametrize("error, words", [("NotFoundError", "no microphone"),
                                          ("NotReadableError", "Another program")])  # fmt: skip
def test_no_microphone(page, error, words):
    page.evaluate(
        "name => { navigator.mediaDevices.getUserMedia = "
        "() => Promise.reject(new DOMException('', name)); }",
        error,
    )
    page.get_by_role("button", name="Start listening").click()
    page.get_by_role("alert").wait_for()
    assert words in text_of(page, "alert")


@pytest.mark.parametrize("code, reason, words", [
    (1013, "busy with 100 streams", "The service is busy (busy with 100 streams)"),
    (1008, "longer than 600 s: begin anew", "ended the stream: longer than 600 s"),
])  # fmt: skip
def test_a_stream_that_the_service_ends(page, code, reason, words):
    page.route_web_socket("**/stream", lambda socket: socket.close(code=code, reason=reason))
    page.reload()
    page.get_by_role("button", name="Start listening").click()
    page.get_by_role("alert").wait_for()
    assert words in text_of(page, "alert")
    page.get_by_role("button", name="Start listening").wait_for()
    assert page.evaluate("() => session === null")


class Silent:
    """A recogniser that hears nothing: enough where only the connection matters."""

    def stream(self):
        return self

    def accept(self, _waveform: np.ndarray) -> tuple:
        return ()

    def finish(self) -> tuple:
        return ()


def test_a_service_that_stops(page):
    with service.running(service.create_app(Silent())) as address:
        page.goto(address)
        page.get_by_role("button", name="Start listening").click()
        page.get_by_role("button", name="Stop listening").wait_for()
    page.get_by_role("alert").wait_for()
    assert "connection to the service is lost" in text_of(page, "alert")
    page.get_by_role("button", name="Start listening").click()
    page.wait_for_function("() => problem.textContent.includes('does not answer')")


def test_a_connection_that_is_lost(page):
    page.get_by_role("button", name="Start listening").click()
    page.get_by_role("button", name="Stop listening").wait_for()
    page.evaluate("() => session.socket.onclose({ code: 1006, reason: '' })")
    assert "connection to the service is lost" in text_of(page, "alert")
    assert page.evaluate("() => session === null")


def test_a_foreign_page_cannot_use_the_service(page, address):
    """A page of another origin: it can open no stream and read no answer."""
    page.goto("data:text/html,<h1>foreign</h1>")
    found = page.evaluate(
        """async address => {
            const socket = new WebSocket(address.replace('http', 'ws') + '/stream');
            const opened = await new Promise(resolve => {
                socket.onopen = () => resolve(true);
                socket.onerror = () => resolve(false);
            });
            const asked = async (path, options) => {
                try { return (await fetch(address + path, options)).status; }
                catch (error) { return 'refused'; }
            };
            return [opened, await asked('/health'),
                    await asked('/recognise', { method: 'POST', body: 'x', mode: 'no-cors' })];
        }""",
        address,
    )
    assert found == [False, "refused", 0] or found == [False, "refused", "refused"]


LEVEL = """([rate, frequency]) => {
    const resample = makeResampler(rate, 8000), out = [];
    for (let n = 0; n < rate; n += 128) {
        out.push(...resample(Float32Array.from({ length: 128 },
            (_, i) => Math.sin(2 * Math.PI * frequency * (n + i) / rate))));
    }
    const middle = out.slice(1000, 7000);
    const power = middle.reduce((sum, x) => sum + x * x, 0) / middle.length;
    return [out.length, 10 * Math.log10(2 * power + 1e-12)];
}"""


@pytest.mark.parametrize("rate", [48000, 44100, 16000, 8000])
def test_the_change_of_rate_is_band_limited(page, rate):
    """Tones below 3.4 kHz keep their level; what would be heard as another tone is gone."""
    for frequency in (100, 1000, 3400, 4700, 6000, 7500):
        if frequency < rate / 2:
            n_samples, level = page.evaluate(LEVEL, [rate, frequency])
            assert abs(n_samples - 8000) < 60
            if frequency < 4000:
                assert abs(level) < 0.1, f"{frequency} Hz is changed by {level:.1f} dB"
            else:
                assert level < -60, f"{frequency} Hz is heard at {8000 - frequency} Hz"
