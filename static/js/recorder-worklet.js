// Runs beside the page, in the audio thread: hands over what the microphone hears, in pieces.
const PIECE = 4096;

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.samples = new Float32Array(PIECE);
    this.filled = 0;
    this.port.onmessage = () => this.hand();
  }

  hand() {
    this.port.postMessage(this.samples.slice(0, this.filled));
    this.filled = 0;
  }

  process([channels]) {
    const heard = channels[0];
    if (!heard) return true;
    this.samples.set(heard, this.filled);
    this.filled += heard.length;
    if (this.filled >= PIECE) this.hand();
    return true;
  }
}

registerProcessor("recorder", Recorder);
