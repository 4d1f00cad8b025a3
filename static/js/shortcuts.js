// Keys for everywhere: "/" goes to the search field and "?" opens the list of keys. Single keys can be
// turned off in Ajustes, for those whose speech or hands press them unmeant.
const dialog = document.querySelector("#atajos");
const areOn = dialog.hasAttribute("data-on");
const FIELDS = "input, textarea, select, [contenteditable]";

function show() {
  if (!document.querySelector("dialog[open]")) dialog.showModal();
}

function search() {
  const field = document.querySelector("[data-search]");
  field?.focus();
  field?.select();
  return field;
}

document.addEventListener("keydown", (event) => {
  if (!areOn || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(FIELDS)) return;
  if (event.key === "?") show();
  else if (event.key !== "/" || !search()) return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shortcuts]")) {
    event.preventDefault();
    show();
  } else if (event.target.closest("#atajos [data-close]")) dialog.close();
});
