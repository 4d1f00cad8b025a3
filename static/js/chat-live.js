// The page of the supervisor, drawn anew every five seconds while somebody looks at it.
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const place of ["#ahora", ".help"]) {
    document.querySelector(place).replaceChildren(...page.querySelector(place).childNodes);
  }
}, 5_000);
