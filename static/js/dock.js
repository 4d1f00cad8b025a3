// The dock: one player at the foot of a list. What plays goes on while the list is drawn anew.
const dock = document.querySelector(".dock");
const audio = dock.querySelector("audio");
const KEPT = ["id", "seconds", "unheard"];

function showInList() {
  for (const link of document.querySelectorAll("a[data-listen]")) {
    link.classList.toggle("playing", !audio.paused && link.dataset.id === dock.dataset.id);
  }
}

function listen(link) {
  if (dock.dataset.id === link.dataset.id && !dock.hidden) {
    return audio.paused ? audio.play() : audio.pause();
  }
  for (const key of KEPT) {
    if (link.dataset[key]) dock.dataset[key] = link.dataset[key];
    else delete dock.dataset[key];
  }
  const title = dock.querySelector("[data-title]");
  title.textContent = link.dataset.title;
  title.href = link.href;
  dock.hidden = false;
  audio.src = link.dataset.listen;
  return audio.play().catch(() => {});
}

function close() {
  audio.pause();
  dock.hidden = true;
  document.querySelector(`a[data-listen][data-id="${CSS.escape(dock.dataset.id)}"]`)?.focus();
}

for (const name of ["play", "pause"]) audio.addEventListener(name, showInList);
document.addEventListener("htmx:afterSettle", showInList);
dock.querySelector("[data-close]").addEventListener("click", close);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-listen]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  listen(link);
});
