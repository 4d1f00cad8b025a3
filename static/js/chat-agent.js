// On every page of an agent's: signs of life, so that conversations come; and a sign when one does.
const script = document.querySelector("script[data-present]");
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
const count = () => Number(document.querySelector("[data-chats]")?.dataset.chats ?? 0);
let title = document.title;
let shown = title;
let before = 0;

const live = () =>
  fetch(script.dataset.present, {
    method: "POST",
    headers: { "X-CSRFToken": token() },
    redirect: "manual",
    keepalive: true,
  }).catch(() => {}); // the next sign will do

function show() {
  const now = count();
  if (document.title !== shown) title = document.title; // a part drawn anew has brought its page's
  shown = now ? `(${now}) ${title}` : title;
  document.title = shown;
  if (now > before && document.hidden && globalThis.Notification?.permission === "granted") {
    const notice = new Notification(script.dataset.title, { tag: "webfon-chat" });
    notice.addEventListener("click", () => focus());
  }
  before = now;
}

function offerNotices() {
  const button = document.querySelector("#avisar");
  if (!button || globalThis.Notification?.permission !== "default") return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await Notification.requestPermission();
    button.hidden = true;
  });
}

new Worker(script.dataset.worker).addEventListener("message", live);
new MutationObserver(show).observe(document.querySelector(".to-chat"), { childList: true, subtree: true });
document.addEventListener("htmx:afterSettle", show);
addEventListener("online", live);
live();
show();
offerNotices();
