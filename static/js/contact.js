// The form of a contact: while somebody types, takes over what the server proposes wherever nobody
// wrote anything else, and shows who has the number already.
const WAIT = 250;
const FIELDS = ["display_name", "number_type", "province"];
let timer = 0;
let asking = new AbortController();

function takeOver(form, found) {
  for (const name of FIELDS) {
    const field = form.elements[name];
    if (field.value !== "" && field.value !== (field.dataset.proposed ?? "")) continue;
    field.value = field.dataset.proposed = found.dataset[name];
  }
}

async function ask(form) {
  asking.abort();
  asking = new AbortController();
  const place = form.querySelector("[data-propose]");
  const sent = { method: "POST", body: new FormData(form), signal: asking.signal };
  const answer = await fetch(place.dataset.propose, sent).catch(() => null);
  const html = answer?.ok && !answer.redirected ? await answer.text().catch(() => "") : "";
  const found = new DOMParser().parseFromString(html, "text/html").querySelector("[data-proposals]");
  if (!found || !form.isConnected) return;
  if (place.textContent.trim() !== found.textContent.trim()) place.replaceChildren(found);
  takeOver(form, found);
}

function leave() {
  clearTimeout(timer);
  asking.abort();
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-contact-form]");
  if (!form) return;
  clearTimeout(timer);
  timer = setTimeout(() => ask(form), WAIT);
});

document.addEventListener("submit", leave);
addEventListener("pagehide", leave);

// A form that comes with a number: on the page, or into the dialog.
document.addEventListener("htmx:load", (event) => {
  const form = event.detail.elt.querySelector("[data-contact-form]");
  if (form?.elements.number.value) ask(form);
});
