// The page that listens: microphone, file or example into `Stream`, and what it says on the page.
import { Stream } from './stream.js';
import { makeResampler } from './resampler.js';

const RATE = 8000, PIECE = 4000, SHOWN = 5 * RATE; // half a second of a file at a time
const find = (id) => document.getElementById(id);
const [listen, example, file] = ['listen', 'example', 'file'].map(find);
const canvas = find('wave');
const say = (text) => { find('status').textContent = text; };
const complain = (text) => { find('problem').textContent = text; };
let ort, session, settings, microphone = null, busy = false;
let wave = new Float32Array(0), marks = [], total = 0, spent = 0;

async function load() {
  if (typeof WebAssembly !== 'object') {
    throw new Error('This browser has no WebAssembly, which runs the network. Take a newer one, '
      + 'or run the service on your machine with make serve.');
  }
  const here = new URL('.', import.meta.url).href;
  ort = await import(`${here}ort.wasm.min.mjs`);
  ort.env.wasm.wasmPaths = here;
  ort.env.wasm.numThreads = 1; // more threads would ask the server for special headers
  settings = await (await fetch(`${here}settings.json`)).json();
  session = await ort.InferenceSession.create(`${here}recogniser.onnx`,
    { executionProviders: ['wasm'] });
  const warm = new Stream(ort, session, settings); // the first calls take longer
  for (let i = 0; i < 10; i++) await warm.accept(new Float32Array(PIECE));
}

function begin() {
  complain('');
  find('answer').textContent = '…';
  wave = new Float32Array(0);
  marks = [];
  total = spent = 0;
  return new Stream(ort, session, settings);
}

async function hear(stream, piece) {
  const began = performance.now();
  const events = piece ? await stream.accept(piece) : await stream.finish();
  spent += performance.now() - began;
  if (piece) keep(piece);
  events.forEach(show);
  draw();
  find('speed').textContent = total
    ? `${(total / RATE).toFixed(1)} s of sound in ${spent.toFixed(0)} ms: `
      + `real-time factor ${(spent / 1000 / (total / RATE)).toFixed(3)}` : '';
  find('speed').dataset.factor = spent / 1000 / (total / RATE);
}

function keep(piece) {
  const joined = new Float32Array(wave.length + piece.length);
  joined.set(wave);
  joined.set(piece, wave.length);
  wave = joined.slice(-SHOWN);
  total += piece.length;
}

function show(event) {
  find('answer').textContent = event.text;
  marks = marks.filter((mark) => mark.time < event.start);
  event.symbols.forEach((digit, i) => marks.push({ digit, time: event.times[i] }));
  if (event.kind !== 'final') return;
  const line = document.createElement('li'), when = document.createElement('span');
  line.textContent = event.text;
  line.dataset.event = JSON.stringify(event);
  when.textContent = ` ${event.start.toFixed(1)} to ${event.end.toFixed(1)} s, least certain digit `
    + `${Math.round(100 * event.probability)} %`;
  line.append(when);
  find('finals').prepend(line);
}

function draw() {
  const ratio = devicePixelRatio || 1, pen = canvas.getContext('2d');
  const width = canvas.width = canvas.clientWidth * ratio;
  const height = canvas.height = canvas.clientHeight * ratio;
  const look = getComputedStyle(canvas), middle = 0.62 * height;
  const span = total > SHOWN ? SHOWN : Math.max(total, 2 * RATE), first = total - wave.length;
  pen.fillStyle = look.getPropertyValue('color');
  for (let x = 0; x < width; x++) {
    const part = wave.subarray(Math.floor(x * span / width), Math.floor((x + 1) * span / width));
    if (!part.length) continue;
    const high = Math.max(...part), low = Math.min(...part);
    pen.fillRect(x, middle - 0.9 * middle * high, 1, Math.max(ratio, 0.9 * middle * (high - low)));
  }
  pen.fillStyle = look.getPropertyValue('outline-color');
  pen.font = `700 ${26 * ratio}px system-ui, sans-serif`;
  pen.textAlign = 'center';
  for (const { digit, time } of marks) {
    const x = (time * RATE - first) / span * width;
    if (x > 0) pen.fillText(digit, x, 0.96 * height);
  }
}

async function recogniseSound(buffer, name) {
  stop();
  busy = true;
  say(`Recognising ${name}…`);
  try {
    const decoded = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(buffer);
    const samples = decoded.getChannelData(0).slice();
    for (let c = 1; c < decoded.numberOfChannels; c++) {
      decoded.getChannelData(c).forEach((x, i) => { samples[i] += x; });
    }
    const piece = (at) => samples.subarray(at, at + PIECE).map((x) =>
      Math.max(-1, Math.min(1, x / decoded.numberOfChannels)));
    const stream = begin();
    for (let at = 0; at < samples.length; at += PIECE) {
      await hear(stream, piece(at));
      await new Promise((resolve) => setTimeout(resolve)); // the page stays awake
    }
    await hear(stream, null);
    if (find('answer').textContent === '…') find('answer').textContent = 'no digit';
    say(`${name}: ${(samples.length / RATE).toFixed(1)} s, recognised in this page.`);
  } catch (error) {
    say('Not recognised.');
    complain(error.name === 'EncodingError'
      ? `${name} is no sound file that this browser can read: try WAV, FLAC or MP3.` : error.message);
  }
  busy = false;
}

const WHY = {
  NotAllowedError: 'The browser was not allowed to use the microphone: allow it beside the '
    + 'address, then listen again.',
  NotFoundError: 'This machine has no microphone.',
  NotReadableError: 'Another program uses the microphone: close it, then listen again.',
};

async function start() {
  const mine = microphone = { pieces: [] };
  try {
    if (!navigator.mediaDevices) {
      throw new Error('Browsers give the microphone only to pages from localhost or https.');
    }
    say('Waiting for the microphone…');
    mine.device = await navigator.mediaDevices.getUserMedia({ audio: {
      echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    mine.context = new AudioContext();
    const code = `${makeResampler}
      registerProcessor('listener', class extends AudioWorkletProcessor {
        constructor() { super(); this.resample = makeResampler(sampleRate, ${RATE}); this.piece = []; }
        process([channels]) {
          if (channels.length) this.piece.push(...this.resample(channels[0]));
          if (this.piece.length >= ${RATE / 10}) {
            this.port.postMessage(Float32Array.from(this.piece, (x) => Math.max(-1, Math.min(1, x))));
            this.piece = [];
          }
          return true;
        }
      });`;
    const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
    await mine.context.audioWorklet.addModule(address);
    URL.revokeObjectURL(address);
    const listener = new AudioWorkletNode(mine.context, 'listener');
    const stream = begin();
    let last = Promise.resolve(); // one piece after the other
    listener.port.onmessage = ({ data }) => {
      last = last.then(() => (microphone === mine ? hear(stream, data) : null));
    };
    mine.end = () => last.then(() => hear(stream, null));
    mine.context.createMediaStreamSource(mine.device).connect(listener);
    listener.connect(mine.context.destination); // it is silent, but so it is kept running
    mine.device.getTracks()[0].onended = () => { stop(); complain('The microphone was unplugged.'); };
    listen.textContent = 'Stop';
    say('Listening. The sound stays in this page.');
  } catch (error) {
    stop();
    complain(`${WHY[error.name] || error.message} You can choose a sound file instead.`);
  }
}

function stop() {
  if (!microphone) return;
  microphone.device?.getTracks().forEach((track) => track.stop());
  microphone.context?.close();
  microphone.end?.();
  microphone = null;
  listen.textContent = 'Listen';
  say('Stopped.');
}

listen.addEventListener('click', () => { if (!busy) microphone ? stop() : start(); });
example.addEventListener('click', async () => {
  if (busy) return;
  const sound = await (await fetch(new URL('example.wav', import.meta.url))).arrayBuffer();
  find('player').play().catch(() => {});
  recogniseSound(sound, 'the example');
});
file.addEventListener('change', async () => {
  const [chosen] = file.files;
  if (chosen && !busy) await recogniseSound(await chosen.arrayBuffer(), chosen.name);
  file.value = '';
});
addEventListener('resize', draw);

try {
  await load();
  [listen, example, file].forEach((control) => { control.disabled = false; });
  document.body.dataset.ready = performance.now();
  say('Ready. The network is in this page; no sound leaves it.');
} catch (error) {
  say('The recogniser could not be loaded.');
  complain(location.protocol === 'file:'
    ? 'A page that is opened as a file may load nothing. Start a server in the folder of the site: '
      + 'python -m http.server' : error.message);
}
