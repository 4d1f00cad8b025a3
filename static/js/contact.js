// The form of a contact: takes over what the server proposes wherever nobody wrote anything else.
document.addEventListener("htmx:afterSwap", (event) => {
  const found = event.detail.target.querySelector(":scope > [data-proposals]");
  const form = found?.closest("form");
  if (!form) return;
  for (const name of ["display_name", "number_type", "province"]) {
    const field = form.elements[name];
    const last = field.dataset.proposed ?? "";
    if (field.value !== "" && field.value !== last) continue;
    field.value = field.dataset.proposed = found.dataset[name];
  }
});
