// Completing the last of several numbers: a <datalist> completes a field only as a whole.
const field = document.querySelector("input[list=colleagues]");
const options = [...document.querySelectorAll("#colleagues option")].map((option) => [option, option.value]);

field?.addEventListener("input", () => {
  const before = field.value.replace(/[^,;\s]*$/, "");
  for (const [option, number] of options) option.value = before + number;
});
