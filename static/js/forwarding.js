// The rules on the page follow what is changed elsewhere, as at a telephone, until somebody has begun
// to change them here: what was typed stays, and saving tells of the other change.
const isTouched = (form) =>
  [...form.elements].some((field) =>
    field.type === "checkbox"
      ? field.checked !== field.defaultChecked
      : field.type !== "hidden" && field.value !== (field.defaultValue ?? field.value),
  );

document.addEventListener("htmx:beforeRequest", (event) => {
  const asks = event.target.closest("[data-unless-touched]");
  if (asks && isTouched(asks.closest("form"))) event.preventDefault();
});
