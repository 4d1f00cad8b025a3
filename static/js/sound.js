// From what the microphone heard to the WAV file that a telephone system plays.
const RATE = 8000;
const HEADER = 44;

// All pieces as one, at the telephone's rate. Resolves to an AudioBuffer.
export function toTelephone(pieces, rate) {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const offline = new OfflineAudioContext(1, Math.max(1, Math.ceil((length * RATE) / rate)), RATE);
  const buffer = offline.createBuffer(1, Math.max(1, length), rate);
  let at = 0;
  for (const piece of pieces) {
    buffer.copyToChannel(piece, 0, at);
    at += piece.length;
  }
  const source = offline.createBufferSource();
  source.buffer = buffer;
  source.connect(offline.destination);
  source.start();
  return offline.startRendering();
}

// 16 bits, one channel (RIFF, "Multimedia Programming Interface and Data Specifications 1.0", 1991).
export function toWav(buffer) {
  const samples = buffer.getChannelData(0);
  const view = new DataView(new ArrayBuffer(HEADER + samples.length * 2));
  const text = (at, word) => [...word].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, i) => {
    const value = Math.max(-1, Math.min(1, sample));
    view.setInt16(HEADER + i * 2, Math.round(value * 0x7fff), true);
  });
  return new File([view], "grabacion.wav", { type: "audio/wav" });
}
