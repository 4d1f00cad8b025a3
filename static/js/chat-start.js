// Before a conversation: what is being written survives a reload, and the choice of a service
// survives the list being drawn anew. What one person writes is not another's, who comes in at the
// same browser later.
const form = document.querySelector("#empezar");
const KEY = `chat-start:${form?.dataset.who}`;

if (form) {
  const text = form.elements.text;
  text.value ||= sessionStorage.getItem(KEY) ?? "";
  text.addEventListener("input", () => sessionStorage.setItem(KEY, text.value));
  form.addEventListener("submit", () => sessionStorage.removeItem(KEY));
  let chosen = null;
  form.addEventListener("change", (event) => {
    if (event.target.name === "service") chosen = event.target.value;
  });
  const choose = () => {
    const again = chosen && form.querySelector(`[name=service][value="${CSS.escape(chosen)}"]`);
    if (again) again.checked = true;
  };
  // Settling gives the new list its own choice once more.
  for (const moment of ["htmx:afterSwap", "htmx:afterSettle"]) form.addEventListener(moment, choose);
}
