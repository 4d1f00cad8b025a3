// The list of calls: what is unfolded or has the focus keeps it when the list is drawn anew, and
// nothing is drawn anew while a period is being chosen.
const list = document.querySelector("#llamadas");
const unfolded = () => [...list.querySelectorAll("details[data-call][open]")].map((each) => each.id);
let open = [];
let missed = false;

const choosing = () => list.querySelector(".period[open]") !== null;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-news]") || !choosing()) return;
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
  if (event.target !== list) return;
  if (event.detail.requestConfig.elt.matches("[data-news]") && choosing()) {
    event.detail.shouldSwap = false; // asked for before the menu was opened
    missed = true;
  }
  open = unfolded();
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target !== list) return;
  for (const id of open) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
});
