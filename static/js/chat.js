// One open conversation. Every look asks for all that came after the last line the page has, so
// whatever was missed, the page ends up as a fresh load would show it.
import { endOf } from "./chat-end.js";
import { keepSending } from "./chat-send.js";

const pane = document.querySelector("[data-chat]");
const lines = pane.querySelector("#lineas");
const log = pane.querySelector("#registro");
const how = pane.querySelector("#estado");
const foot = pane.querySelector("#pie");
const end = endOf(log, lines, foot);
const form = foot.querySelector("#escribir");
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
const EVERY = { stream: 20_000, poll: 2_000 };
const TYPED = 3_000;
let looking = null;
let again = false;
let typingUntil = 0;
let typedAt = 0;
let leaving = false; // a form is on its way, and its answer is the next page

const last = () => Number(lines.lastElementChild?.dataset.number ?? 0);
const stateOf = (place) => place.querySelector("[data-state]").dataset.state;

export function take(html) {
  const found = new DOMParser().parseFromString(html, "text/html");
  const stays = end.isSeen();
  const before = stateOf(how);
  for (const line of found.querySelectorAll("ol > li")) {
    if (Number(line.dataset.number) === last() + 1) lines.append(document.adoptNode(line));
  }
  const news = found.querySelector("body > div");
  if (news.innerHTML !== how.innerHTML) how.innerHTML = news.innerHTML;
  if (stays) end.show();
  if (stateOf(how) !== before) drawFoot();
  if (how.querySelector("[data-is-typing]")) {
    clearTimeout(typingUntil);
    typingUntil = setTimeout(look, 6_500);
  }
  sayRead();
}

// What is at the foot depends on the state; what somebody is writing stays.
async function drawFoot() {
  const answer = await fetch(location.href, { redirect: "manual", headers: { "X-News": "1" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const text = foot.querySelector("textarea")?.value ?? "";
  const fresh = page.querySelector("#pie");
  if (form && fresh.querySelector("#escribir")) {
    foot.querySelector(".instead")?.remove();
  } else if (text.trim()) {
    form.querySelector("button").disabled = true;
    foot.append(...fresh.childNodes);
    pane.querySelector(".title").replaceWith(page.querySelector("[data-chat] .title"));
  } else if (!leaving) {
    location.reload();
  }
}

async function look() {
  if (looking) {
    again = true;
    return;
  }
  looking = fetch(`${pane.dataset.changed}?desde=${last()}`, { redirect: "manual" });
  try {
    const answer = await looking;
    if (answer.ok) take(await answer.text());
  } catch {
    // offline: the next look takes everything
  } finally {
    looking = null;
    if (again) {
      again = false;
      look();
    }
  }
}

function post(address, fields) {
  const body = new URLSearchParams(fields);
  const headers = { "X-CSRFToken": token() };
  return fetch(address, { method: "POST", headers, body, redirect: "manual" }).catch(() => {});
}

let read = last();
async function sayRead() {
  if (document.hidden || read >= last()) return;
  read = last();
  const answer = await post(pane.dataset.read, { hasta: read });
  if (!answer?.ok) read = 0; // the next look says it again
}

function poll() {
  const pace = document.body.dataset.news === "stream" ? EVERY.stream : EVERY.poll;
  setTimeout(() => look().finally(poll), pace);
}

if (form) {
  keepSending(form, pane.querySelector("#pendientes"), last, take);
  form.elements.text.addEventListener("input", () => {
    if (Date.now() - typedAt < TYPED || !form.elements.text.value) return;
    typedAt = Date.now();
    post(pane.dataset.typing, {});
  });
}
document.addEventListener("submit", (event) => {
  leaving = !event.defaultPrevented;
});
document.body.addEventListener("news:chat", look);
document.addEventListener("visibilitychange", () => document.hidden || look());
for (const name of ["online", "pageshow"]) addEventListener(name, look);
end.show();
poll();
