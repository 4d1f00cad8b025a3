// A file that was chosen is sent at once, and the page says that it is on its way.
for (const form of document.querySelectorAll("form[data-upload]")) {
  const busy = form.querySelector("[data-busy]");
  form.addEventListener("change", () => form.requestSubmit());
  form.addEventListener("submit", () => { busy.hidden = false; });
  addEventListener("pageshow", () => { busy.hidden = true; });
}
