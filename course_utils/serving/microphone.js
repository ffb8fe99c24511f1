// Records a word, or reads a file, and sends the samples to the kernel. Nothing is called sent
// before the kernel has said so, and the old answer fades until the new one is there.

const PATIENCE = 3000; // ms without a word from the kernel, until that is said

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

function make(parent, tag, properties = {}, attributes = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  parent.append(element);
  return element;
}

// Why the page has no microphone, before it is asked for one; '' where it may have one
function refusedByPage() {
  if (!navigator.mediaDevices) {
    return 'The browser gives no microphone to this page: it does so only for localhost or https.';
  }
  const policy = document.permissionsPolicy || document.featurePolicy;
  if (policy && !policy.allowsFeature('microphone')) {
    return 'The program that shows this page does not let it use a microphone. Open the notebook '
      + 'in JupyterLab, in a browser, to record.';
  }
  return '';
}

function reasonOf(error) {
  if (error.name === 'NotAllowedError') {
    return 'The browser was not allowed to use the microphone: allow it beside the address. In an '
      + 'editor there may be nothing to allow: then open the notebook in JupyterLab, in a browser.';
  }
  if (error.name === 'NotFoundError') return 'This machine has no microphone.';
  return `The microphone could not be opened (${error.message}).`;
}

function render({ model, el }) {
  const row = make(el, 'div', { className: 'course-microphone' });
  const button = make(row, 'button', { textContent: `🎙️ Record ${model.get('what')}` }, { 'aria-pressed': false });
  const meter = make(row, 'meter', { min: 0, max: 1, value: 0 }, { 'aria-label': 'microphone level' });
  const pick = make(row, 'label', { textContent: 'or choose a sound file: ' });
  const input = make(pick, 'input', { type: 'file', accept: 'audio/*' });
  const again = make(row, 'button', { textContent: '↻ Recognise again', className: 'plain' });
  const status = make(row, 'div', { className: 'status' }, { role: 'status' });
  let recording = false, timer = 0;

  const explorer = () => el.closest('.course-explorer');
  const say = (text) => { status.textContent = text; };

  function wait(request) {
    explorer()?.setAttribute('aria-busy', 'true');
    say('Sending…');
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (model.get('received') !== request) {
        say('The kernel has not answered yet. If a cell is running, it will when that is done. '
          + 'If the kernel was restarted, run this cell again (Run, Run All Above Selected Cell '
          + 'first).');
      }
    }, PATIENCE);
  }
  model.on('change:received', () => {
    clearTimeout(timer);
    say(`The kernel has ${model.get('source')}, ${model.get('length').toFixed(2)} s.`);
  });
  model.on('change:answered', () => explorer()?.removeAttribute('aria-busy'));

  function send(samples, source) {
    const request = model.get('request') + 1;
    model.set('problem', '');
    model.set('source', source);
    model.set('pcm', new DataView(samples.buffer, samples.byteOffset, samples.byteLength));
    model.set('length', samples.length / model.get('sample_rate'));
    model.set('request', request);
    model.save_changes();
    wait(request);
  }
  function fail(text) {
    say(text);
    model.set('problem', text);
    model.set('request', model.get('request') + 1);
    model.save_changes();
  }
  async function record() {
    if (recording) return; // the button stays enabled, so that it keeps the keyboard's focus
    const refused = refusedByPage();
    if (refused) return fail(`${refused} Or choose a file or a bundled clip.`);
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: {
        echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    } catch (error) {
      return fail(`${reasonOf(error)} Or choose a file or a bundled clip.`);
    }
    recording = true;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const level = new Float32Array(analyser.fftSize);
    const needle = setInterval(() => {
      analyser.getFloatTimeDomainData(level);
      meter.value = Math.min(1, Math.max(...level.map(Math.abs)));
    }, 50);
    const pieces = [];
    const recorder = new MediaRecorder(stream);
    recorder.ondataavailable = (event) => pieces.push(event.data);
    recorder.onstop = async () => {
      clearInterval(needle);
      meter.value = 0;
      stream.getTracks().forEach((track) => track.stop());
      context.close();
      recording = false;
      button.setAttribute('aria-pressed', 'false');
      button.textContent = `🎙️ Record ${model.get('what')}`;
      try {
        const bytes = await new Blob(pieces).arrayBuffer();
        send(await toMono(bytes, model.get('sample_rate')), 'your recording');
      } catch (error) { fail(`The recording could not be read (${error.message}).`); }
    };
    button.setAttribute('aria-pressed', 'true');
    button.textContent = '🔴 Speak now';
    say('Recording…');
    recorder.start();
    setTimeout(() => recorder.stop(), 1000 * model.get('seconds'));
  }
  button.addEventListener('click', record);
  again.addEventListener('click', () => {
    model.set('request', model.get('request') + 1);
    model.save_changes();
    wait(model.get('request'));
  });
  input.addEventListener('change', async () => {
    const file = input.files[0];
    if (!file) return;
    try {
      send(await toMono(await file.arrayBuffer(), model.get('sample_rate')), file.name);
    } catch (error) {
      fail(`${file.name} is not a sound file that this browser reads. `
         + 'Choose a WAV, FLAC, OGG or MP3 file.');
    }
    input.value = ''; // so that the same file can be chosen again
  });
}
export default { render };
