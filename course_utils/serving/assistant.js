'use strict';
// The assistant of chapter 14 on the page. The script before this one has `find`, the microphone,
// its reasons `WHY`, and the digits' own `session`.
const COMMAND_SECONDS = 60, AHEAD_SECONDS = 4;  // the longest file; sound sent before its time
const talk = find('talk'), commandFile = find('command-file'), typed = find('command');
let line = null;      // the connection: one dialogue, one home
let talking = null;   // what is open while the microphone is
let waiting = 0;      // messages that have no answer yet
let answered = 0;     // commands since the last recording began
let streets = null;   // the map
let beginning = null; // the home before anything was said

const tell = (text) => { find('assistant-status').textContent = text; };
const warn = (text) => { find('assistant-problem').textContent = text; };
const add = (parent, name, text = '', set = {}) => {
  const element = document.createElement(name);
  element.textContent = text;
  Object.assign(element, set);
  parent.append(element);
  return element;
};

function lastingOf(seconds) {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function drawHome(home) {
  find('rooms').replaceChildren();
  for (const [room, light] of Object.entries(home.lights)) {
    const music = home.music === room ? ', music plays' : '';
    add(find('rooms'), 'li', `${room}: light ${light || 'off'}${music}`).dataset.light = light;
  }
  const opened = Object.entries(home.open).map(([thing, is]) => `${thing} ${is ? 'open' : 'closed'}`);
  find('things').replaceChildren();
  for (const text of [...opened, `heating ${home.heat} °C`, `volume ${home.volume} of 10`,
    `timers: ${home.timers.map(lastingOf).join(', ') || 'none'}`,
    `alarms: ${home.alarms.join(', ') || 'none'}`]) add(find('things'), 'li', text);
  drawMap(home.way);
}

function drawMap(way) {
  const map = find('map');
  const draw = (name, attributes, text = '') => {
    const element = document.createElementNS(map.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    map.append(element);
  };
  const street = (a, b, kind) => {
    const [[x1, y1], [x2, y2]] = [streets.places[a], streets.places[b]];
    draw('line', { x1: 100 * x1, y1: -100 * y1, x2: 100 * x2, y2: -100 * y2, class: kind });
  };
  map.replaceChildren();
  for (const [a, b] of streets.streets) street(a, b, 'street');
  way.slice(1).forEach((place, i) => street(way[i], place, 'way'));
  for (const [name, [x, y]] of Object.entries(streets.places)) {
    draw('circle', { cx: 100 * x, cy: -100 * y, r: 12 });
    draw('text', { x: 100 * x + 12, y: -100 * y - 18 }, name);
  }
  map.setAttribute('aria-label', way.length
    ? `Street map with the way from ${way[0]}: ${way.slice(1).join(', ')}.`
    : `Street map of ${Object.keys(streets.places).join(', ')}. No way is shown.`);
}

// Only a voice of this machine: others would send the text elsewhere.
const ownVoice = () => speechSynthesis.getVoices()
  .find((voice) => voice.localService && voice.lang.startsWith('en'));
const speaking = () => 'speechSynthesis' in window && speechSynthesis.speaking;

function speak(text) {
  if (!find('speak').checked || !ownVoice()) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.voice = ownVoice();
  speechSynthesis.speak(utterance);
}

function hear({ partial, turns, home }) {
  waiting -= 1;
  if (partial) find('hearing').textContent = `Hearing: ${partial} …`;
  for (const turn of turns) {
    answered += 1;
    find('hearing').textContent = '';
    const entry = add(find('conversation'), 'div');
    add(entry, 'p', `You: ${turn.said || '(nothing that it knows)'}`);
    const meaning = turn.meaning.join(', then ') || 'no command';
    add(entry, 'p', `Understood: ${meaning}`, { className: 'meaning' });
    add(entry, 'p', `Assistant: ${turn.reply}`, { className: turn.asks ? 'reply asks' : 'reply' });
    entry.scrollIntoView({ block: 'nearest' });
    drawHome(turn.home);
    speak(turn.reply);
  }
  if (home) drawHome(home);
}

function hungUp({ code, reason }) {
  line = null;
  waiting = 0;
  stopTalking();
  tell('The conversation has ended; the next command begins a new one.');
  if (code === 1013) warn(`The service is busy (${reason}). Wait a little, then try again.`);
  else if (code === 1006 || code === 1012) warn('The connection to the service is lost: see '
    + 'whether it still runs (make serve), then try again.');
  else warn(`The service ended the conversation: ${reason || 'code ' + code}.`);
}

async function call() {  // the connection, a new one where there is none
  if (line) return line;
  const socket = new WebSocket(location.href.replace(/^http/, 'ws').replace(/[^/]*$/, 'assistant'));
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('The service does not answer: see whether it still '
      + 'runs (make serve), then try again.'));
  });
  socket.onmessage = ({ data }) => hear(JSON.parse(data));
  socket.onclose = hungUp;
  line = socket;
  begin();
  return line;
}

function begin() {
  find('conversation').replaceChildren();
  find('hearing').textContent = '';
  drawHome(beginning);
}

function send(message) {
  if (line?.readyState !== WebSocket.OPEN) return;
  waiting += 1;
  line.send(message);
}

async function type(text) {
  warn('');
  try {
    await call();
    send(`say ${text}`);
    tell('');
  } catch (error) { warn(error.message); }
}

function stopTalking() {
  if (!talking) return;
  closeMicrophone(talking);
  talking = null;
  talk.textContent = 'Start talking';
  delete talk.dataset.on;
  send('end');
  tell('Stopped.');
}

async function startTalking() {
  if (session) stop();
  warn('');
  talk.setAttribute('aria-disabled', true);
  const mine = talking = {};
  try {
    tell('Waiting for the microphone…');
    await openMicrophone(mine, (piece) => {
      if (talking === mine && line && !speaking()) send(piece);
    }, () => { stopTalking(); warn('The microphone was unplugged.'); });
    await call();
    talk.textContent = 'Stop talking';
    talk.dataset.on = '';
    tell('Listening…');
  } catch (error) {
    stopTalking();
    warn(`${WHY[error.name] || error.message} You can type, or choose a sound file instead.`);
  }
  talk.setAttribute('aria-disabled', false);
}

async function sayFile() {
  const [file] = commandFile.files;
  if (!file) return;
  stopTalking();
  warn('');
  tell(`Listening to ${file.name}…`);
  answered = 0;
  try {
    const bytes = await file.arrayBuffer();
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes).catch(() => {
      throw new Error(`${file.name} is no sound file that this browser reads: choose WAV or FLAC.`);
    });
    if (sound.duration > COMMAND_SECONDS) {
      throw new Error(`${file.name} is longer than ${COMMAND_SECONDS} s: cut it.`);
    }
    const channels = Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i));
    const samples = Int16Array.from(channels[0], (_, n) => Math.max(-32768, Math.min(32767, Math.round(
      32768 * channels.reduce((sum, channel) => sum + channel[n], 0) / channels.length))));
    await call();
    const began = performance.now();
    for (let n = 0; n < samples.length; n += PIECE) {
      const early = n / RATE - AHEAD_SECONDS - (performance.now() - began) / 1000;
      if (early > 0) await new Promise((resolve) => { setTimeout(resolve, 1000 * early); });
      send(samples.slice(n, n + PIECE));
    }
    send('end');
    while (waiting > 0) await new Promise((resolve) => { setTimeout(resolve, 50); });
    tell(answered ? `${file.name}: answered.` : `${file.name}: no word of a command was heard.`);
  } catch (error) {
    tell('');
    warn(error.message);
  }
  commandFile.value = '';
}

talk.addEventListener('click', () => {
  if (talk.ariaDisabled !== 'true') talking ? stopTalking() : startTalking();
});
button.addEventListener('click', stopTalking);  // one microphone for the digits or the assistant
commandFile.addEventListener('change', sayFile);
find('typed').addEventListener('submit', (event) => {
  event.preventDefault();
  if (typed.value.trim()) type(typed.value.trim());
  else warn('Type a command first, for example: turn on the light.');
  typed.value = '';
});
find('undo').addEventListener('click', () => type('undo'));
find('reset').addEventListener('click', () => {
  warn('');
  begin();
  send('reset');
  tell('A new conversation begins.');
});
if ('speechSynthesis' in window) {
  const offer = () => { find('aloud').hidden = !ownVoice(); };
  speechSynthesis.onvoiceschanged = offer;
  offer();
}
fetch('home').then(async (answer) => {
  streets = await answer.json();
  beginning = streets.home;
  begin();
  find('assistant').hidden = false;
});
