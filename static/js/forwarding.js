// The rules on the page follow what is changed elsewhere, as at a telephone, until somebody has begun
// to change them here: what was typed stays, and saving tells of the other change.
const isTouched = (form) =>
  [...form.elements].some((field) =>
    field.type === "checkbox"
      ? field.checked !== field.defaultChecked
      : field.type !== "hidden" && field.value !== (field.defaultValue ?? field.value),
  );

function hasToStay(asking) {
  const form = document.getElementById(asking?.dataset.unlessTouched);
  return form !== null && isTouched(form);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (hasToStay(event.target)) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (hasToStay(event.detail.requestConfig.elt)) event.detail.shouldSwap = false;
});
