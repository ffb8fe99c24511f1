// The streaming recogniser of chapter 13 in a browser: course_utils/serving/streaming.py, step by
// step. The network with its front end is recogniser.onnx; what is here keeps its states, finds
// out whether somebody speaks, and reads symbols. Every number comes from settings.json.

export class Stream {
  constructor(ort, session, settings) {
    Object.assign(this, { ort, session, s: settings });
    this.states = settings.shapes.map((shape) => this.zeros(shape));
    this.samples = new Float32Array(0);
    this.offset = null; // of the filter that takes away what is constant
    this.floor = null;
    this.loud = false;
    this.voice = [];
    this.voiced = 0;
    this.frames = 0;
    this.heard = 0;
    this.previous = settings.blank;
    this.begin();
  }

  zeros(shape) {
    const size = shape.reduce((a, b) => a * b, 1);
    return new this.ort.Tensor('float32', new Float32Array(size), shape);
  }

  begin() {
    this.began = Infinity;
    this.symbols = [];
    this.times = [];
    this.probabilities = [];
  }

  // A piece of sound (8 kHz, in [-1, 1]): what is new, a list of events
  async accept(piece) {
    if (this.offset === null && piece.length) this.offset = -piece[0];
    const filtered = piece.map((x) => {
      const y = Math.fround(x + this.offset);
      this.offset = -x + 0.98 * (x + this.offset);
      return y;
    });
    return this.advance(filtered);
  }

  // The end, as if silence followed
  async finish() {
    const { flushSeconds, sampleRate } = this.s;
    const events = await this.advance(new Float32Array(Math.round(flushSeconds * sampleRate)));
    if (this.symbols.length) events.push(this.event('final', this.heard));
    return events;
  }

  async advance(piece) {
    const { frameLength, hopLength, stride, inputs, outputs } = this.s;
    const all = new Float32Array(this.samples.length + piece.length);
    all.set(this.samples);
    all.set(piece, this.samples.length);
    const frames = Math.max(0, Math.floor((all.length - frameLength) / hopLength) + 1);
    const whole = frames - (frames % stride); // as many as give whole outputs
    this.samples = all.slice(whole * hopLength);
    if (!whole) return [];
    const used = all.slice(0, (whole - 1) * hopLength + frameLength);
    const feeds = { [inputs[0]]: new this.ort.Tensor('float32', used, [1, used.length]) };
    this.states.forEach((state, i) => { feeds[inputs[i + 1]] = state; });
    const given = await this.session.run(feeds);
    const [logits, energy, ...states] = outputs.map((name) => given[name]);
    this.states = states;
    for (const one of energy.data) this.voice.push(this.isVoice(one));
    return this.read(logits.data);
  }

  // The level of a frame against a floor that follows it down quickly and up slowly
  isVoice(energy) {
    const { fullScale, firstFloor, quietest, release, onset, rise, fall } = this.s;
    const level = 10 * Math.log10(energy / fullScale + 1e-9);
    if (this.floor === null) this.floor = Math.min(level, firstFloor);
    const above = level - this.floor;
    this.loud = level > quietest && above > (this.loud ? release : onset);
    this.floor += above > 0 ? Math.min(above, rise) : fall * above;
    return this.loud;
  }

  read(logits) {
    const { hopLength, frameLength, sampleRate, stride, blank, leastVoice } = this.s;
    const { endpointSeconds, unreadSeconds, longestSeconds } = this.s;
    const events = [];
    for (let first = 0; first < logits.length; first += blank + 1) {
      let now = 0;
      for (let i = 0; i < stride; i++) {
        now = (this.frames * hopLength + frameLength / 2) / sampleRate;
        this.frames += 1;
        if (this.voice.shift()) {
          this.mark(now);
          this.voiced += 1;
        }
      }
      let [symbol, probability] = best(logits.subarray(first, first + blank + 1));
      if (this.voiced < leastVoice) symbol = blank; // a click is shorter than a word
      if (symbol !== blank) {
        this.mark(now);
        if (symbol !== this.previous) {
          this.symbols.push(symbol);
          this.times.push(round(now));
          this.probabilities.push(probability);
          events.push(this.event('partial', now));
        } else if (this.symbols.length) {
          const last = this.probabilities.length - 1;
          this.probabilities[last] = Math.max(probability, this.probabilities[last]);
        }
      }
      this.previous = symbol;
      const some = this.symbols.length > 0;
      const silent = now - this.heard >= endpointSeconds;
      const unread = some && now - this.times[this.times.length - 1] >= unreadSeconds;
      const long = some && now - this.began >= longestSeconds;
      if (some && (silent || unread || long)) events.push(this.event('final', this.heard));
      if (silent || unread || long) this.begin();
      if (silent) this.voiced = 0;
    }
    return events;
  }

  mark(now) {
    this.heard = now;
    this.began = Math.min(this.began, now);
  }

  event(kind, end) {
    return {
      kind,
      text: this.symbols.join(' '),
      symbols: [...this.symbols],
      times: [...this.times],
      start: round(this.began),
      end: round(end),
      probability: round(Math.min(...this.probabilities)),
    };
  }
}

const round = (x) => Math.round(1000 * x) / 1000;

// The most probable symbol, and its probability
function best(logits) {
  const top = Math.max(...logits);
  let sum = 0;
  for (const one of logits) sum += Math.exp(one - top);
  return [logits.indexOf(top), 1 / sum];
}
