// The list of messages: choose all of a page, and keep what is chosen when the list is drawn anew.
const list = document.querySelector("#mensajes");
const boxes = () => [...list.querySelectorAll("[name=ids]")];
let chosen = new Set();

function show() {
  const all = list.querySelector("[data-all]");
  const on = boxes().filter((box) => box.checked);
  chosen = new Set(on.map((box) => box.value));
  if (all) {
    all.closest("label").hidden = false;
    all.checked = on.length > 0 && on.length === boxes().length;
    all.indeterminate = on.length > 0 && !all.checked;
  }
  const count = list.querySelector("[data-count]");
  if (count) count.textContent = on.length || "";
}

list.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  show();
});

document.addEventListener("htmx:afterSwap", () => {
  for (const box of boxes()) box.checked = chosen.has(box.value);
  show();
});

show();
