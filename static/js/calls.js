// The list of calls: what is unfolded stays so when the list is drawn anew, and "/" goes to the
// search.
const list = document.querySelector("#llamadas");
const unfolded = () => [...list.querySelectorAll("details[data-call][open]")].map((each) => each.id);
let open = [];

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
