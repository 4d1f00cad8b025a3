// A worker: a clock that browsers do not slow down in a tab that is not seen.
setInterval(() => postMessage("beat"), 15_000);
