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
