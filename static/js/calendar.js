// Dragging on the week's grid and on the month: everything it does, the form of an event does too.
// A drag fills in that form and sends it, so checks, overlaps and undo are the same.
const STEP = 15;
const week = document.querySelector("[data-grid]");
const month = document.querySelector("[data-month]");

const clock = (minutes) => new Date(minutes * 6e4).toISOString().slice(11, 16);

function rowAt(slots, y) {
  const box = slots.getBoundingClientRect();
  const height = parseFloat(getComputedStyle(slots).gridAutoRows);
  const rows = Math.round(box.height / height);
  return Math.max(0, Math.min(rows - 1, Math.floor((y - box.top) / height)));
}

const dayAt = (x, y) => document.elementsFromPoint(x, y).find((each) => each.dataset.date);
const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 864e5);

function shift(form, day, time, minutes) {
  const at = new Date(Date.parse(`${form[day].value}T${form[time].value || "00:00"}Z`) + minutes * 6e4);
  form[day].value = at.toISOString().slice(0, 10);
  if (form[time].value) form[time].value = at.toISOString().slice(11, 16);
}

// Fetch the form of an event, move its start and end, and send it as the person would.
async function send(link, { start, end }) {
  link.classList.add("moving");
  const answer = await fetch(link.href);
  const form = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".event-form");
  const { made } = link.dataset; // what is moved is what was seen, or nothing
  if (form?.made_from.value !== made) return location.assign(`${link.href}&visto=${made}`);
  shift(form, "start_date", "start_time", start);
  shift(form, "end_date", "end_time", end);
  form.hidden = true;
  document.body.append(document.adoptNode(form));
  form.submit();
}

function create(follow, down, day, slots) {
  const first = rowAt(slots, down.clientY);
  const isHeld = down.pointerType === "touch"; // a finger that rests and lifts means an hour
  let [draft, last] = [document.createElement("li"), first + (isHeld ? 60 / STEP - 1 : 0)];
  const draw = () => {
    draft.className = `draft at-${first + 1} span-${Math.max(2, last - first + 1)}`;
    slots.append(draft);
  };
  if (isHeld) draw();
  follow(down, (event) => {
    last = Math.max(first, rowAt(slots, event.clientY));
    draw();
  }, () => {
    const [desde, hasta] = [first, last + 1].map((row) => clock(week.dataset.first * 60 + row * STEP));
    const query = { dia: day.dataset.date, desde, hasta, next: week.dataset.here };
    location.assign(`${week.dataset.new}?${new URLSearchParams(query)}`);
  }, isHeld);
}

function change(follow, down, day, slots, link) {
  const item = link.parentElement;
  const [row, rows] = ["at", "span"].map((each) => Number(item.className.split(`${each}-`)[1].split(" ")[0]));
  const resizes = link.getBoundingClientRect().bottom - down.clientY < 8;
  const grabbed = rowAt(slots, down.clientY);
  let [rowsMoved, days] = [0, 0];
  follow(down, (event) => {
    const over = resizes ? day : dayAt(event.clientX, event.clientY) ?? day;
    rowsMoved = rowAt(slots, event.clientY) - grabbed;
    rowsMoved = resizes ? Math.max(rowsMoved, 1 - rows) : Math.max(rowsMoved, 1 - row);
    days = daysBetween(day.dataset.date, over.dataset.date);
    const [at, span] = resizes ? [row, rows + rowsMoved] : [row + rowsMoved, rows];
    item.className = `at-${at} span-${span} lane-1-1`;
    if (!resizes) over.querySelector(".slots").append(item);
    link.classList.add("moving");
  }, () => {
    const minutes = rowsMoved * STEP + days * 1440;
    if (minutes) send(link, { start: resizes ? 0 : minutes, end: minutes });
  });
}

week?.addEventListener("grasp", ({ detail: { down, follow } }) => {
  const slots = down.target.closest(".day .slots");
  const day = slots?.closest(".day");
  const link = down.target.closest("a.event");
  if (!slots) return;
  if (!link) create(follow, down, day, slots);
  else if (link.hasAttribute("data-event")) change(follow, down, day, slots, link);
});

month?.addEventListener("grasp", ({ detail: { down, follow } }) => {
  const link = down.target.closest("a.event[data-event]");
  if (link) carry(follow, down, link);
});

// From one day of the month to another.
function carry(follow, down, link) {
  const from = link.closest("td");
  let over = from;
  follow(down, (event) => {
    over.classList.remove("over");
    over = dayAt(event.clientX, event.clientY) ?? from;
    over.classList.add("over");
  }, () => {
    const minutes = daysBetween(from.dataset.date, over.dataset.date) * 1440;
    if (minutes) send(link, { start: minutes, end: minutes });
  });
}
