// Sends lines one after another, each until the server has stored it. A line bears the id it was
// given here, so sending it again is harmless; what is not stored stays, also over a reload.
const PAUSE = 2_000;
const DEADLINE = 15_000;

const newId = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");

export function keepSending(form, place, last, take) {
  const key = `chat:${location.pathname}`;
  const draft = `${key}:draft`;
  const { text, client_id: next } = form.elements;
  const problem = form.querySelector("#no-enviado");
  const waiting = JSON.parse(sessionStorage.getItem(key) ?? "[]");
  let busy = false;

  function show(note = form.dataset.sending) {
    sessionStorage.setItem(key, JSON.stringify(waiting));
    place.hidden = waiting.length === 0;
    place.replaceChildren(
      ...waiting.map((each) => {
        const item = document.createElement("li");
        const said = Object.assign(document.createElement("p"), { className: "said", textContent: each.text });
        said.dir = "auto";
        item.className = "line mine";
        item.append(said, Object.assign(document.createElement("p"), { className: "note", textContent: note }));
        return item;
      }),
    );
  }

  function refuse(words) {
    problem.textContent = words;
    const kept = waiting.splice(0).map((each) => each.text);
    text.value = [...kept, text.value].filter(Boolean).join("\n");
    sessionStorage.setItem(draft, text.value);
    show();
    text.focus();
  }

  async function send(each) {
    const fields = { ...each, desde: last(), csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value };
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { "HX-Request": "true" },
      redirect: "manual",
      signal: AbortSignal.timeout(DEADLINE),
    });
    if (answer.ok) {
      waiting.shift();
      show();
      problem.textContent = "";
      take(await answer.text());
    } else if (answer.type === "opaqueredirect" || answer.status === 403) {
      refuse(form.dataset.gone);
    } else if (answer.status < 500) {
      refuse(answer.status === 413 ? form.dataset.gone : await answer.text());
    } else {
      throw new Error("away");
    }
  }

  async function work() {
    if (busy) return;
    busy = true;
    while (waiting.length) {
      try {
        await send(waiting[0]);
      } catch {
        show(form.dataset.offline);
        await new Promise((done) => {
          setTimeout(done, PAUSE);
          addEventListener("online", done, { once: true });
        });
      }
    }
    busy = false;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!text.value.trim()) return;
    waiting.push({ client_id: next.value, text: text.value });
    next.value = newId();
    text.value = "";
    sessionStorage.removeItem(draft);
    show();
    work();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  text.addEventListener("input", () => sessionStorage.setItem(draft, text.value));
  text.value ||= sessionStorage.getItem(draft) ?? "";
  show();
  work();
}
