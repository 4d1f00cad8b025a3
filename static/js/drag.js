// What takes hold on the calendar, by mouse or by finger: the grid hears "grasp", with the place
// where it began and a way to follow it.
const HOLD = 400; // milliseconds
const grids = document.querySelectorAll("[data-grid], [data-month]");
const wide = matchMedia("(width > 48rem)");
let dragging;

const isFar = (event, down) => Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > 5;

// A finger scrolls, unless it rests first: then it drags. A mouse drags at once.
function grasp(down, begin) {
  if (down.pointerType !== "touch") return begin();
  const stop = new AbortController();
  const leave = () => { clearTimeout(timer); stop.abort(); };
  const link = down.target.closest("a[data-event]");
  const timer = setTimeout(() => {
    leave();
    link?.classList.add("moving");
    addEventListener("pointerup", () => link?.classList.remove("moving"), { once: true });
    begin();
  }, HOLD);
  const on = (name, act) => addEventListener(name, act, { signal: stop.signal });
  on("pointermove", (event) => isFar(event, down) && leave());
  for (const name of ["pointerup", "pointercancel"]) on(name, leave);
}

// Follow the pointer until it is let go; a drag that never moved was a click.
function follow(down, move, done, moved = false) {
  const stop = new AbortController();
  const on = (name, act) => addEventListener(name, act, { signal: stop.signal });
  dragging = stop.signal;
  on("pointermove", (event) => {
    moved ||= isFar(event, down);
    if (moved) move(event);
  });
  on("pointerup", (event) => {
    stop.abort();
    if (!moved) return;
    const soon = { capture: true, once: true, signal: AbortSignal.timeout(100) };
    addEventListener("click", (click) => click.preventDefault(), soon);
    done(event);
  });
  on("pointercancel", () => stop.abort());
  on("keydown", (event) => event.key === "Escape" && location.reload());
}

for (const grid of grids) {
  grid.classList.toggle("live", wide.matches);
  grid.addEventListener("pointerdown", (down) => {
    if (down.button || !down.isPrimary || !wide.matches) return;
    grasp(down, () => grid.dispatchEvent(new CustomEvent("grasp", { detail: { down, follow } })));
  });
  const still = (event) => dragging?.aborted === false && event.preventDefault();
  grid.addEventListener("dragstart", (event) => event.preventDefault());
  grid.addEventListener("touchmove", still, { passive: false });
  grid.addEventListener("contextmenu", still);
}
