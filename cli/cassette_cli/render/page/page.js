"use strict";
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const id = (name) => document.getElementById(name);
const find = id("find");

// Make an element: properties where it has them, else attributes; nothing given is ever read as HTML.
function el(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((one) => one !== null && one !== undefined && one !== ""));
  return made;
}

// Call what `keyed` returns for a key. `/` leads to the search; while it is typed in, only Escape is a key.
function onKeys(keyed) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("#find, select") && event.key !== "Escape") return;
    const act = event.key === "/" ? () => find.focus({ preventScroll: true }) : keyed(event.key);
    if (!act) return;
    event.preventDefault();
    act();
    if (event.target === find && event.key === "Escape") find.blur();
  });
}

const number = (value) => value.toLocaleString("en");
const time = (ms) => (ms < 1000 ? Math.round(ms) + " ms" : (ms / 1000).toFixed(1) + " s");
