// The end of a conversation: whether it is in sight, and bringing it there.
const SMALL = matchMedia("(width <= 48rem)"); // there the page scrolls, and not the lines in it

export function endOf(log, lines, foot) {
  return {
    isSeen() {
      if (SMALL.matches) return foot.getBoundingClientRect().top < innerHeight + 160;
      return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    },
    show() {
      log.scrollTop = log.scrollHeight;
      if (SMALL.matches && lines.children.length > 3) foot.scrollIntoView({ block: "end" });
    },
  };
}
