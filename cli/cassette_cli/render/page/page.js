"use strict";
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const find = document.getElementById("find");

// Call what `keyed` returns for a key. `/` leads to the search; while it is typed in, only Escape is a key.
function onKeys(keyed) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("#find, select") && event.key !== "Escape") return;
    const act = event.key === "/" ? () => find.focus({ preventScroll: true }) : keyed(event.key);
    if (!act) return;
    event.preventDefault();
    if (event.target === find) find.blur();
    act();
  });
}
