"""The streaming recogniser in a page of the site: its network as ONNX, and what runs it there.

The file holds the front end too: samples and states go in, logits, levels and new states come
out. ONNX Runtime Web comes from npm when the site is built, and is not part of the course.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import course_utils.setup.quiet_tensorflow  # noqa: F401  (before keras)
from course_utils.connected_digits import BLANK, STREAM_FRONT_END, STRIDE
from course_utils.features import FEATURE_SCALE, mel_filterbank
from course_utils.files import written_whole
from course_utils.models import load_trained
from course_utils.paths import ROOT
from course_utils.serving import streaming, voice_activity
from course_utils.serving.export import check_trained, with_states
from course_utils.serving.service import PAGE
from course_utils.serving.streaming import StreamingRecogniser
from course_utils.setup.quiet import quiet_stderr
from course_utils.site.extension import THEME
from course_utils.site.staging import SiteError
from course_utils.site.welcome import Recognition

import jinja2
import keras
import numpy as np
import onnxruntime
import scipy.signal
import soundfile
from keras import ops

__all__ = [
    "RUNTIME", "check_file", "export", "fetch_runtime", "settings", "stepping_model", "talk_page",
    "write_recogniser",
]  # fmt: skip

RUNTIME = "onnxruntime-web@1.30.0"
WANTED = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
TOLERANCE = 1e-4  # largest difference of a logit that is still rounding


def mel_of(samples):
    """Compute mel energies (1, frames, bands) from samples (1, n), as `features` does."""
    length, hop = STREAM_FRONT_END.frame_length, STREAM_FRONT_END.hop_length
    overlap = -(-length // hop)  # a frame is so many pieces of one hop, the last one shorter
    n_missing = overlap * hop - length
    padded = ops.pad(samples, ((0, 0), (0, n_missing)))
    pieces = keras.layers.Reshape((-1, hop), name="pieces")(padded)
    frames = ops.concatenate(
        [
            pieces[:, i : i - overlap + 1 or None, : min(hop, length - i * hop)]
            for i in range(overlap)
        ],
        axis=-1,
    )
    angle = 2 * np.pi * np.outer(np.arange(length), np.arange(STREAM_FRONT_END.n_bins)) / length
    window = scipy.signal.get_window("hann", length)[:, None]
    real = ops.matmul(frames, (window * np.cos(angle)).astype(np.float32))
    imaginary = ops.matmul(frames, (window * np.sin(angle)).astype(np.float32))
    power = ops.square(real) + ops.square(imaginary)
    return ops.matmul(power, np.array(mel_filterbank(STREAM_FRONT_END)))


def stepping_model(network: keras.Model) -> keras.Model:
    """Return a causal network that takes samples and states, and gives what is new.

    Samples are those of a multiple of four frames, states those of `with_states`. Outputs:
    logits (1, outputs, 11), the energy of each frame (1, frames), new states.
    """
    samples = keras.Input((None,), batch_size=1, name="samples")
    mel = mel_of(samples)
    x = ops.log(ops.maximum(mel / STREAM_FRONT_END.floor, 1.0)) / FEATURE_SCALE
    logits, before, after = with_states(network, x)
    return keras.Model(
        [samples, *before], [logits, ops.sum(mel, axis=-1), *after], name="recogniser"
    )


def export(path: Path, network: keras.Model | None = None) -> None:
    """Write the recogniser's network to an ONNX file, and prove that it says the same.

    Raises
    ------
    SiteError, DeploymentError
        The file says something else than `StreamingRecogniser`, or the network is not trained.
    """
    network = network or load_trained("connected_digit_network")
    check_trained(network)
    with written_whole(path) as unfinished:
        with quiet_stderr():
            model = stepping_model(network)
            length = STREAM_FRONT_END.frame_length + 3 * STREAM_FRONT_END.hop_length
            model(
                [
                    np.zeros((1, length, *shape[2:]) if i == 0 else shape, np.float32)
                    for i, shape in enumerate(model.input_shape)
                ]
            )  # Keras exports what was called
            model.export(unfinished, format="onnx", verbose=False)
        difference = check_file(unfinished, network)
        if not difference <= TOLERANCE:
            raise SiteError(
                f"{path.name} says something else than the streaming recogniser: logits differ "
                f"by up to {difference:.3g} (allowed: {TOLERANCE:g}). It was thrown away."
            )


def check_file(path: Path, network: keras.Model) -> float:
    """Return the largest difference of a logit between a file and `StreamingRecogniser`.

    Both are given two seconds of noise, the file in pieces of 4 and of 16 frames by turns.
    """
    noise = np.random.default_rng(0).normal(0, 0.05, 16_000).astype(np.float32)
    stream = StreamingRecogniser(network).stream()
    expected = stream.advance(noise)
    session = onnxruntime.InferenceSession(path)
    names = [one.name for one in session.get_inputs()]
    states = [np.zeros(shape, np.float32) for shape in state_shapes(session)]
    hop, length = STREAM_FRONT_END.hop_length, STREAM_FRONT_END.frame_length
    found, position, n_frames = [], 0, 4
    while position + (n_frames - 1) * hop + length <= len(noise):
        piece = noise[None, position : position + (n_frames - 1) * hop + length]
        logits, _, *states = session.run(None, dict(zip(names, [piece, *states], strict=True)))
        found.append(logits[0])
        position, n_frames = position + n_frames * hop, 20 - n_frames
    given = np.concatenate(found)
    return float(np.abs(given - expected[: len(given)]).max())


def state_shapes(session: onnxruntime.InferenceSession) -> list[list[int]]:
    """Return the shape of each state that a file takes, for one stream."""
    return [[1, *one.shape[1:]] for one in session.get_inputs()[1:]]


def fetch_runtime(folder: Path, kept: Path) -> str:
    """Put ONNX Runtime Web into `folder`; return why it is not there, or ''.

    `kept` is where npm's archive stays for the next build.
    """
    archive = kept / f"{RUNTIME.replace('@', '-')}.tgz"
    if not archive.is_file():
        npm = shutil.which("npm")
        if not npm:
            return f"npm is not installed: it fetches {RUNTIME}. Install Node.js, then `make site`."
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept) as unfinished:
            done = subprocess.run(
                [npm, "pack", "--silent", RUNTIME], cwd=unfinished, capture_output=True, text=True
            )
            if done.returncode:
                said = (done.stderr.strip().splitlines() or ["npm did not say why"])[0]
                return f"npm could not fetch {RUNTIME} ({said}). With a network: `make site`."
            (Path(unfinished) / archive.name).replace(archive)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive) as package:
            for name in WANTED:
                member = package.extractfile(f"package/dist/{name}")
                if member is None:
                    raise KeyError(name)
                (folder / name).write_bytes(member.read())
        licence = (ROOT / "LICENSE").read_text(encoding="utf-8")  # the same one, of other people
        licence = re.sub(r"Copyright.*", "Copyright (c) Microsoft Corporation", licence)
        (folder / "LICENSE-onnxruntime.txt").write_text(licence, encoding="utf-8")
    except (KeyError, tarfile.TarError, OSError) as error:
        return f"{archive} is not what was expected ({error}): delete it, then `make site`."
    return ""


def settings(session: onnxruntime.InferenceSession) -> dict:
    """Return every number that the script of the page needs, from where Python has it."""
    return {
        "inputs": [one.name for one in session.get_inputs()],
        "outputs": [one.name for one in session.get_outputs()],
        "shapes": state_shapes(session),
        "sampleRate": STREAM_FRONT_END.sample_rate,
        "frameLength": STREAM_FRONT_END.frame_length,
        "hopLength": STREAM_FRONT_END.hop_length,
        "stride": STRIDE,
        "blank": BLANK,
        "endpointSeconds": streaming.ENDPOINT_SECONDS,
        "unreadSeconds": streaming.UNREAD_SECONDS,
        "longestSeconds": streaming.LONGEST_SECONDS,
        "flushSeconds": streaming.FLUSH_SECONDS,
        "leastVoice": streaming.LEAST_VOICE_FRAMES,
        "fullScale": 3 / 16 * STREAM_FRONT_END.frame_length**2,  # as `level_of` has it
        "firstFloor": voice_activity.FIRST_FLOOR_DB,
        "quietest": voice_activity.QUIETEST_DB,
        "onset": voice_activity.ONSET_DB,
        "release": voice_activity.RELEASE_DB,
        "rise": voice_activity.FLOOR_RISE_DB,
        "fall": voice_activity.FLOOR_FALL,
    }


def write_recogniser(folder: Path, example: Recognition, kept: Path) -> str:
    """Write what the page loads into `folder`; return why it cannot run there, or ''."""
    folder.mkdir(parents=True)
    export(folder / "recogniser.onnx")
    session = onnxruntime.InferenceSession(folder / "recogniser.onnx")
    (folder / "settings.json").write_text(json.dumps(settings(session)), encoding="utf-8")
    soundfile.write(folder / "example.wav", example.waveform, example.sample_rate, subtype="PCM_16")
    for script in (Path(__file__).parent / "talk").glob("*.js"):
        shutil.copy(script, folder)
    resampler = re.search(r"^function makeResampler.*?^}$", PAGE.read_text("utf-8"), re.M | re.S)
    if not resampler:
        raise SiteError(f"{PAGE.name} has no makeResampler any more: the page to talk to needs it")
    (folder / "resampler.js").write_text(f"export {resampler[0]}\n", encoding="utf-8")
    return fetch_runtime(folder, kept)


def talk_page(folder: Path, example: Recognition, problem: str) -> str:
    """Return the page that listens, or one that says why this copy of the site does not."""
    template = jinja2.Template((THEME / "talk.md").read_text(encoding="utf-8"))
    return template.render(
        problem=problem,
        kilobytes=round((folder / "recogniser.onnx").stat().st_size / 1000),
        weights=f"{load_trained('connected_digit_network').count_params():,}",
        answer=" ".join(str(digit) for digit, _ in example.answers),
    )
