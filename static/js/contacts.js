// Agenda: the dialog of a contact, choosing all of a page, and stars that do not leave the page.
const list = document.querySelector("#contactos");
const dialog = document.querySelector("#ventana");
const boxes = () => [...(list?.querySelectorAll("[name=ids]") ?? [])];
let chosen = new Set();

function show() {
  const all = list?.querySelector("[data-all]");
  if (!all) return;
  const on = boxes().filter((box) => box.checked);
  chosen = new Set(on.map((box) => box.value));
  all.closest("label").hidden = false;
  all.checked = on.length > 0 && on.length === boxes().length;
  all.indeterminate = on.length > 0 && !all.checked;
  list.querySelector("[data-count]").textContent = on.length || "";
}

list?.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  show();
});

// The server refuses a form with 422 or 409 and sends it back: it belongs into the dialog.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target === dialog && [409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === dialog) {
    if (!dialog.querySelector("form")) location.reload(); // the session has ended
    if (!dialog.open) dialog.showModal();
    const wanted = ["[role=alert]", "form:has([name=sure]) .main", "#id_first_name"];
    wanted.map((each) => dialog.querySelector(each)).find(Boolean)?.focus();
    return;
  }
  for (const box of boxes()) box.checked = chosen.has(box.value);
  show();
});

dialog?.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close]")) return;
  event.preventDefault();
  dialog.close();
});

document.addEventListener("click", async (event) => {
  const star = event.target.closest("[data-star]");
  if (!star) return;
  event.preventDefault();
  const on = star.getAttribute("aria-pressed") !== "true";
  const token = star.form.elements.csrfmiddlewaretoken.value;
  const body = new URLSearchParams({ action: on ? "favorito" : "no-favorito", ids: star.dataset.star });
  const headers = { "X-CSRFToken": token, "HX-Request": "true" };
  const answer = await fetch(star.form.getAttribute("action"), { method: "POST", body, headers, redirect: "manual" });
  if (answer.status !== 204) return location.reload();
  star.setAttribute("aria-pressed", on);
});

show();
