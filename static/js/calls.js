// The list of calls: what is unfolded or has the focus keeps it when the list is drawn anew, nothing
// is drawn anew while a period is being chosen, and "/" goes to the search.
const list = document.querySelector("#llamadas");
const unfolded = () => [...list.querySelectorAll("details[data-call][open]")].map((each) => each.id);
let open = [];
let missed = false;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-news]") || !list.querySelector(".period[open]")) return;
  event.preventDefault();
  missed = true;
});

list.addEventListener(
  "toggle",
  (event) => {
    if (!missed || event.target.open || !event.target.matches(".period")) return;
    missed = false;
    document.body.dispatchEvent(new CustomEvent("news:historial"));
  },
  true,
);

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target === list) open = unfolded();
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target !== list) return;
  for (const id of open) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const search = document.querySelector("[data-search]");
  search.focus();
  search.select();
});
