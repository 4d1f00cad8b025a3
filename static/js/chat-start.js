// Before a conversation: what is being written survives a reload, and the choice of a service
// survives the list being drawn anew.
const form = document.querySelector("#empezar");
const KEY = "chat-start";

if (form) {
  const text = form.elements.text;
  text.value ||= sessionStorage.getItem(KEY) ?? "";
  text.addEventListener("input", () => sessionStorage.setItem(KEY, text.value));
  form.addEventListener("submit", () => sessionStorage.removeItem(KEY));
  let chosen = null;
  form.addEventListener("htmx:beforeSwap", () => {
    chosen = form.elements.service.value;
  });
  form.addEventListener("htmx:afterSettle", () => {
    const again = form.querySelector(`[name=service][value="${CSS.escape(chosen)}"]`);
    if (again) again.checked = true;
  });
}
