"""Sliders that redraw a figure, and a microphone (chapters 00-02)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from course_utils.audio import AudioError, Players, to_course_format, trim_silence
from course_utils.corpora import SAMPLE_RATE
from course_utils.plotting import Picture

import anywidget
import ipywidgets
import numpy as np
import traitlets

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


class Explorer(ipywidgets.VBox):
    """Controls above a page; its text is its title, so that the tests can compare it.

    A notebook that is read without a kernel shows the page as it was first drawn.
    """

    def __init__(self, title: str, controls: list[ipywidgets.Widget], page: ipywidgets.HTML):
        heading = ipywidgets.HTML(f"<b>🎛️ {title}</b>")
        super().__init__([heading, *controls, page])
        self.title, self.page = title, page
        self.add_class("course-explorer")

    def _repr_mimebundle_(self, **kwargs) -> dict:
        note = "<i>Run the cell to move the controls.</i>"
        return {
            "text/plain": f"Explorer: {self.title}",
            "text/html": f"<p><b>🎛️ {self.title}</b> {note}</p>{self.page.value}",
            WIDGET_MIME: {"version_major": 2, "version_minor": 0, "model_id": self.model_id},
        }


def explore(
    draw: Callable[..., Picture | Players | tuple[Picture | Players, ...]],
    title: str,
    **controls: ipywidgets.Widget,
) -> Explorer:
    """Let the student move the arguments of `draw` and see, or hear, what changes.

    Parameters
    ----------
    draw : called with the controls' values as keywords; returns what `show` or `play`
        returns, or a tuple of them. It holds the chapter's logic and can be tested alone.
    title : a heading that says what to find out
    controls : ipywidgets, by the name of the argument each sets
    """
    page = ipywidgets.HTML()

    def redraw(_change=None) -> None:
        try:
            parts = draw(**{name: control.value for name, control in controls.items()})
        except ValueError as error:  # a combination of values that makes no sense: say so
            page.value = f'<p role="alert"><b>Not possible:</b> {error}</p>'
            return
        parts = parts if isinstance(parts, tuple) else (parts,)
        page.value = "".join(part.page for part in parts)

    for name, control in controls.items():
        if not control.description:
            control.description = name.replace("_", " ")
        control.style.description_width = "initial"
        if hasattr(control, "continuous_update"):
            control.continuous_update = False
            control.layout.width = "420px"
        control.observe(redraw, names="value")
    redraw()
    return Explorer(title, list(controls.values()), page)


# ---------------------------------------------------------------- the microphone


class Microphone(anywidget.AnyWidget):
    """A button that records, and a file picker beside it; the browser sends the samples.

    `pcm` is a buffer of float32 samples, mono, at `sample_rate` Hz; `source` says where
    they come from; `problem` is the browser's reason when there is no microphone.
    """

    # `Any`: the buffer arrives as a memoryview, which `traitlets.Bytes` drops silently
    pcm = traitlets.Any(None, allow_none=True).tag(sync=True)
    sample_rate = traitlets.Int(SAMPLE_RATE).tag(sync=True)
    seconds = traitlets.Float(1.6).tag(sync=True)
    source = traitlets.Unicode("").tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)

    _css = """
    .course-microphone { display: flex; flex-wrap: wrap; gap: .6em; align-items: center; }
    .course-microphone button { padding: .5em 1em; font-size: 1em; border-radius: .4em;
      border: 2px solid #0072B2; background: #0072B2; color: white; cursor: pointer; }
    .course-microphone button[aria-pressed="true"] { background: #D55E00; border-color: #D55E00; }
    .course-microphone button:focus-visible { outline: 3px solid #E69F00; }
    .course-microphone meter { width: 8em; height: 1.2em; }
    """

    _esm = """
    async function toMono(arrayBuffer, rate) {
      const decoder = new OfflineAudioContext(1, 1, rate);
      const decoded = await decoder.decodeAudioData(arrayBuffer);
      const length = Math.max(1, Math.ceil(decoded.duration * rate));
      const context = new OfflineAudioContext(1, length, rate);
      const node = context.createBufferSource();
      node.buffer = decoded;
      node.connect(context.destination);
      node.start();
      return (await context.startRendering()).getChannelData(0);
    }

    function render({ model, el }) {
      const row = document.createElement('div');
      row.className = 'course-microphone';
      const button = document.createElement('button');
      button.textContent = '🎙️ Record a digit';
      button.setAttribute('aria-pressed', 'false');
      const meter = document.createElement('meter');
      meter.min = 0; meter.max = 1; meter.value = 0;
      meter.setAttribute('aria-label', 'microphone level');
      const pick = document.createElement('label');
      pick.textContent = 'or choose a sound file: ';
      const input = document.createElement('input');
      input.type = 'file'; input.accept = 'audio/*';
      pick.append(input);
      const status = document.createElement('div');
      status.setAttribute('role', 'status');
      status.style.flexBasis = '100%';
      row.append(button, meter, pick, status);
      el.append(row);

      function send(samples, source) {
        model.set('problem', '');
        model.set('source', source);
        model.set('pcm', new DataView(samples.buffer, samples.byteOffset, samples.byteLength));
        model.save_changes();
        status.textContent = `Sent ${(samples.length / model.get('sample_rate')).toFixed(2)} s.`;
      }
      function fail(text) {
        status.textContent = text;
        model.set('problem', text);
        model.save_changes();
      }
      async function record() {
        if (!navigator.mediaDevices) {
          fail('The browser gives no microphone to this page: it does so only for '
             + 'localhost or https. Choose a file or a bundled clip instead.');
          return;
        }
        let stream;
        try {
          stream = await navigator.mediaDevices.getUserMedia({ audio: {
            echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
        } catch (error) {
          const reason = error.name === 'NotAllowedError'
            ? 'The browser was not allowed to use the microphone: allow it beside the address.'
            : error.name === 'NotFoundError' ? 'This machine has no microphone.'
            : `The microphone could not be opened (${error.message}).`;
          fail(reason + ' You can also choose a file or a bundled clip.');
          return;
        }
        const context = new AudioContext();
        const analyser = context.createAnalyser();
        context.createMediaStreamSource(stream).connect(analyser);
        const level = new Float32Array(analyser.fftSize);
        const timer = setInterval(() => {
          analyser.getFloatTimeDomainData(level);
          meter.value = Math.min(1, Math.max(...level.map(Math.abs)));
        }, 50);
        const pieces = [];
        const recorder = new MediaRecorder(stream);
        recorder.ondataavailable = (event) => pieces.push(event.data);
        recorder.onstop = async () => {
          clearInterval(timer);
          meter.value = 0;
          stream.getTracks().forEach((track) => track.stop());
          context.close();
          button.setAttribute('aria-pressed', 'false');
          button.disabled = false;
          button.textContent = '🎙️ Record a digit';
          try {
            const bytes = await new Blob(pieces).arrayBuffer();
            send(await toMono(bytes, model.get('sample_rate')), 'your recording');
          } catch (error) { fail(`The recording could not be read (${error.message}).`); }
        };
        button.setAttribute('aria-pressed', 'true');
        button.disabled = true;
        button.textContent = '🔴 Speak now';
        status.textContent = 'Recording…';
        recorder.start();
        setTimeout(() => recorder.stop(), 1000 * model.get('seconds'));
      }
      button.addEventListener('click', record);
      input.addEventListener('change', async () => {
        const file = input.files[0];
        if (!file) return;
        try {
          send(await toMono(await file.arrayBuffer(), model.get('sample_rate')), file.name);
        } catch (error) {
          fail(`${file.name} is not a sound file that this browser reads. `
             + 'Choose a WAV, FLAC, OGG or MP3 file.');
        }
      });
    }
    export default { render };
    """


def recorder(
    recognise: Callable[[np.ndarray], tuple[Picture | Players, ...]],
    clips: Mapping[str, np.ndarray],
    sample_rate: int = SAMPLE_RATE,
) -> Explorer:
    """Record a word, or take a file or a bundled clip, and show what `recognise` returns.

    Parameters
    ----------
    recognise : given a waveform (samples,), trimmed of silence; returns what `show` and
        `play` return
    clips : bundled clips by name, for who has no microphone
    sample_rate : Hz, of the clips and of what `recognise` is given
    """
    microphone = Microphone(sample_rate=sample_rate)
    bundled = ipywidgets.Dropdown(
        options=["…", *clips],
        description="or a bundled clip:",
        style={"description_width": "initial"},
    )
    page = ipywidgets.HTML()

    def respond(samples: np.ndarray, name: str) -> None:
        page.value = '<p role="status">Listening…</p>'
        try:
            waveform = to_course_format(samples, sample_rate, sample_rate, name=name)
            waveform = trim_silence(waveform, sample_rate)
            page.value = "".join(part.page for part in recognise(waveform))
        except (AudioError, ValueError) as error:
            page.value = f'<p role="alert">{error}</p>'

    def on_recording(change) -> None:
        if change.new is not None:
            respond(np.frombuffer(change.new, np.float32), microphone.source or "The recording")

    def on_problem(change) -> None:
        if change.new:
            page.value = f'<p role="alert">{change.new}</p>'

    def on_clip(change) -> None:
        if change.new in clips:
            respond(clips[change.new], change.new)

    microphone.observe(on_recording, names="pcm")
    microphone.observe(on_problem, names="problem")
    bundled.observe(on_clip, names="value")
    words = ipywidgets.HTML(
        "🎙️ Nothing that you say leaves this machine. No microphone? Choose a sound file, or one "
        "of the bundled clips: the recogniser treats all alike."
    )
    explorer = Explorer("Say one digit, zero to nine", [words, microphone, bundled], page)
    explorer.microphone, explorer.bundled = microphone, bundled
    return explorer
