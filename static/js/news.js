// Hears from the server what changed elsewhere, and says so on <body>: "news:buzon", "news:historial",
// "news:desvios", "news:llamada", "news:informacion". Only the visible tab listens; where streams are cut, everything is
// looked at again every now and then.
const TOPICS = ["buzon", "historial", "desvios", "llamada", "informacion"];
const POLL = 20_000;
const script = document.querySelector("script[data-stream]");

let known = script.dataset.renderedAt; // up to which moment this page knows everything
let source = null;
let polling = 0;

const say = (topic) => document.body.dispatchEvent(new CustomEvent(`news:${topic}`));

function hear(event) {
  known = event.lastEventId || known;
  if (TOPICS.includes(event.type)) say(event.type);
}

function listen() {
  if (source || document.hidden) return;
  source = new EventSource(`${script.dataset.stream}?desde=${known}`);
  source.addEventListener("hola", (event) => {
    hear(event);
    clearInterval(polling);
    polling = 0;
  });
  for (const topic of TOPICS) source.addEventListener(topic, hear);
  source.addEventListener("salir", () => {
    leave();
    sayItEnded();
  });
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) poll();
  });
}

function leave() {
  source?.close();
  source = null;
}

// What was typed stays, and so does every panel: nothing is put in their place.
function sayItEnded() {
  document.getElementById("session-ended").hidden = false;
}

document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) sayItEnded();
});

function poll() {
  leave();
  polling ||= setInterval(() => {
    if (document.hidden) return;
    TOPICS.forEach(say);
    listen();
  }, POLL);
}

document.addEventListener("visibilitychange", () => (document.hidden ? leave() : listen()));
addEventListener("pagehide", leave);
addEventListener("pageshow", listen);
listen();
