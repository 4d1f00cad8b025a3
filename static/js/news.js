// Hears from the server what changed elsewhere, and says so on <body>: "news:buzon", "news:historial",
// "news:desvios", "news:llamada", "news:informacion", "news:chat". Only the visible tab listens, but
// for pages that must hear what comes while nobody looks; where streams are cut, everything is looked
// at again every now and then. <body data-news> says which of the two it is.
const TOPICS = ["buzon", "historial", "desvios", "llamada", "informacion", "chat"];
const POLL = 20_000;
const script = document.querySelector("script[data-stream]");

const KEEPS_LISTENING = document.querySelector("[data-keep-listening]") !== null;
const rests = () => document.hidden && !KEEPS_LISTENING;

let known = script.dataset.renderedAt; // up to which moment this page knows everything
let source = null;
let polling = 0;

// Who is fetching already has asked too early, and would forget what it hears meanwhile: say it again.
const again = new Set();

export function say(topic) {
  if (document.querySelector(`.htmx-request[hx-trigger*="news:${topic}"]`)) again.add(topic);
  document.body.dispatchEvent(new CustomEvent(`news:${topic}`));
}

// Nobody asked for what is drawn anew by itself: it must not use up what the next page has to say.
document.addEventListener("htmx:configRequest", (event) => {
  const type = event.detail.triggeringEvent?.type ?? "news:";
  if (type.startsWith("news:")) event.detail.headers["X-News"] = "1";
});

document.addEventListener("htmx:afterSettle", () => {
  const topics = [...again];
  again.clear();
  topics.forEach(say);
});

function hear(event) {
  known = event.lastEventId || known;
  if (TOPICS.includes(event.type)) say(event.type);
}

function listen() {
  if (source || rests()) return;
  source = new EventSource(`${script.dataset.stream}?desde=${known}`);
  source.addEventListener("hola", (event) => {
    hear(event);
    document.body.dataset.news = "stream";
    clearInterval(polling);
    polling = 0;
  });
  for (const topic of TOPICS) source.addEventListener(topic, hear);
  source.addEventListener("salir", () => {
    leave();
    sayItEnded();
  });
  source.addEventListener("error", () => {
    document.body.dataset.news = "poll";
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
    if (rests()) return;
    TOPICS.forEach(say);
    listen();
  }, POLL);
}

document.addEventListener("visibilitychange", () => (rests() ? leave() : listen()));
addEventListener("pagehide", leave);
addEventListener("pageshow", listen);
listen();
