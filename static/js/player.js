// The player of a message or a greeting. Without this script there are the browser's own controls.
const SPEED = "webfon-speed";
const STEP = 5;

function clock(seconds) {
  const whole = Math.floor(seconds || 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function speedNow() {
  try {
    return localStorage.getItem(SPEED) || "1";
  } catch {
    return "1";
  }
}

function keepSpeed(value) {
  try {
    localStorage.setItem(SPEED, value);
  } catch {
    // Then it holds for this page only.
  }
}

// A message that begins to play is heard; so is the lamp on the telephone told.
async function markHeard(player) {
  const { mark, id, unheard } = player.dataset;
  if (!mark || !unheard) return;
  delete player.dataset.unheard;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({ ids: id, action: "oido", csrfmiddlewaretoken: token });
  const answer = await fetch(mark, { method: "POST", body, headers: { "HX-Request": "true" } });
  if (answer.ok) document.body.dispatchEvent(new CustomEvent("news:buzon"));
}

function parts(player) {
  const one = (selector) => player.querySelector(selector);
  return {
    audio: one("audio"), button: one("[data-play]"), seek: one("[data-seek]"), now: one("[data-now]"),
    total: one("[data-total]"), speed: one("[data-speed]"), trouble: one("[data-trouble]"),
  };
}

function setUp(player) {
  if (player.dataset.ready) return;
  player.dataset.ready = "yes";
  const { audio, button, seek, now, total, speed, trouble } = parts(player);
  const length = () => (Number.isFinite(audio.duration) ? audio.duration : Number(player.dataset.seconds));
  const show = () => {
    const at = audio.currentTime;
    seek.max = length() || 0;
    seek.value = at;
    now.textContent = clock(at);
    total.textContent = clock(length());
    seek.setAttribute("aria-valuetext", `${clock(at)} / ${clock(length())}`);
    button.setAttribute("aria-label", audio.paused ? button.dataset.playLabel : button.dataset.pauseLabel);
    player.classList.toggle("playing", !audio.paused);
  };
  const go = (at) => {
    audio.currentTime = Math.max(0, Math.min(at, length()));
    show();
  };

  audio.controls = false;
  player.classList.add("live");
  speed.value = speedNow();
  for (const name of ["play", "pause", "timeupdate", "durationchange", "ended", "emptied"]) audio.addEventListener(name, show);
  audio.addEventListener("loadstart", () => { trouble.hidden = true; });
  audio.addEventListener("play", () => {
    audio.playbackRate = Number(speed.value);
    document.querySelectorAll("audio").forEach((other) => other !== audio && other.pause());
    markHeard(player);
  });
  audio.addEventListener("error", () => { trouble.hidden = !audio.getAttribute("src"); });
  button.addEventListener("click", () => (audio.paused ? audio.play().catch(() => {}) : audio.pause()));
  seek.addEventListener("input", () => go(Number(seek.value)));
  seek.addEventListener("keydown", (event) => {
    const step = { ArrowRight: STEP, ArrowUp: STEP, ArrowLeft: -STEP, ArrowDown: -STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    go(audio.currentTime + step);
  });
  speed.addEventListener("change", () => {
    audio.playbackRate = Number(speed.value);
    keepSpeed(speed.value);
  });
  show();
}

function setUpAll() {
  document.querySelectorAll("[data-player]").forEach(setUp);
}

document.addEventListener("htmx:afterSettle", setUpAll);
setUpAll();
