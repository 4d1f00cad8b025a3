// Recording a greeting with the microphone. What was recorded becomes the file of the form, so that
// it is sent and checked like any other. Without this script, or a microphone, there is the file.
const LONGEST = 180; // seconds
const forms = document.querySelectorAll("form[data-recorder]");
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

class Recording {
  static async start(form, hear) {
    const recording = new Recording();
    recording.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    recording.context = new AudioContext();
    await recording.context.audioWorklet.addModule(form.dataset.worklet);
    recording.pieces = [];
    recording.node = new AudioWorkletNode(recording.context, "recorder");
    recording.node.port.onmessage = ({ data }) => {
      recording.pieces.push(data);
      hear(data);
      recording.handed?.();
    };
    recording.context.createMediaStreamSource(recording.stream).connect(recording.node);
    recording.node.connect(recording.context.destination); // silent, and keeps it running
    return recording;
  }

  get seconds() { return this.pieces.reduce((sum, piece) => sum + piece.length, 0) / this.context.sampleRate; }

  async stop() {
    const last = new Promise((resolve) => { this.handed = resolve; });
    this.node.port.postMessage("stop");
    await last;
    for (const track of this.stream.getTracks()) track.stop();
    await this.context.close();
  }
}

function setUp(form) {
  const one = (name) => form.querySelector(`[data-${name}]`);
  const [record, stop, hear, panel, level, time, trouble] =
    ["record", "stop", "hear", "panel", "level", "time", "trouble"].map(one);
  const file = form.querySelector("input[type=file]");
  let [recording, buffer, playing] = [null, null, null];
  form.classList.add("live");

  function show() {
    form.classList.toggle("recording", Boolean(recording));
    form.classList.toggle("recorded", Boolean(buffer) && !recording);
    form.classList.toggle("ready", Boolean(recording || file.files.length));
    panel.hidden = !recording && !buffer;
    stop.hidden = !recording;
    record.hidden = Boolean(recording);
    hear.hidden = !buffer || Boolean(recording);
    level.hidden = !recording;
    record.querySelector("span").textContent = buffer ? record.dataset.busy : record.dataset.idle;
    hear.querySelector("span").textContent = playing ? hear.dataset.busy : hear.dataset.idle;
    if (buffer && !recording) time.textContent = clock(buffer.duration);
  }

  async function begin() {
    silence();
    trouble.hidden = true;
    try {
      recording = await Recording.start(form, (piece) => {
        level.value = piece.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
        time.textContent = `${clock(recording?.seconds ?? 0)} / ${clock(LONGEST)}`;
        if (recording?.seconds >= LONGEST) end();
      });
    } catch {
      trouble.hidden = false;
    }
    show();
    if (recording) stop.focus();
  }

  async function end() {
    const done = recording;
    if (!done || done.ending) return;
    done.ending = true;
    await done.stop();
    const sound = await import(form.dataset.sound);
    buffer = await sound.toTelephone(done.pieces, done.context.sampleRate);
    const files = new DataTransfer();
    files.items.add(sound.toWav(buffer));
    file.files = files.files;
    recording = null;
    show();
    hear.focus();
  }

  function silence() {
    playing?.close();
    playing = null;
  }

  function listen() {
    if (playing) silence();
    else {
      playing = new AudioContext();
      const source = playing.createBufferSource();
      source.buffer = buffer;
      source.connect(playing.destination);
      source.onended = () => { silence(); show(); };
      source.start();
    }
    show();
  }

  record.addEventListener("click", begin);
  stop.addEventListener("click", end);
  hear.addEventListener("click", listen);
  file.addEventListener("change", show);
  form.addEventListener("submit", async (event) => {
    if (!recording) return;
    event.preventDefault(); // saving stops the recording first
    await end();
    form.requestSubmit(event.submitter);
  });
  show();
}

if (navigator.mediaDevices && window.AudioWorkletNode) forms.forEach(setUp);
