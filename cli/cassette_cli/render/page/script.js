"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const find = document.getElementById("find");
  const noise = document.getElementById("noise");
  const kinds = all("input[name=kind]");

  const visible = (element) => element.offsetParent !== null;

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const off = new Set(kinds.filter((box) => !box.checked).map((box) => box.value));
    document.body.classList.toggle("with-noise", noise.checked);
    let shown = 0;
    for (const cassette of all("details.cassette")) {
      const path = cassette.querySelector("summary").textContent.toLowerCase();
      let any = false;
      for (const section of all("section", cassette)) {
        const head = path + " " + section.querySelector("h2").textContent.toLowerCase();
        const own = section.dataset.kind;
        let some = Boolean(own) && !off.has(own) && words.every((word) => head.includes(word));
        for (const change of all(".change", section)) {
          const quiet = change.parentElement.classList.contains("noise");
          const text = head + " " + change.textContent.toLowerCase();
          const keep = (quiet || !off.has(change.dataset.kind)) && words.every((word) => text.includes(word));
          change.hidden = !keep;
          some = some || (keep && (!quiet || noise.checked));
        }
        section.hidden = !some;
        any = any || some;
      }
      const empty = all("section", cassette).length === 0;
      cassette.hidden = !(any || (empty && words.every((word) => path.includes(word))));
      if (!cassette.hidden && (noise.checked || !cassette.classList.contains("noise"))) shown += 1;
    }
    document.getElementById("count").textContent = shown + " shown";
  }

  function step(by) {
    const stops = all("details.cassette > summary").filter(visible);
    if (!stops.length) return;
    const at = stops.indexOf(document.activeElement);
    const next = stops[at < 0 ? (by > 0 ? 0 : stops.length - 1) : Math.min(Math.max(at + by, 0), stops.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "center" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === find) {
      if (event.key === "Escape") { find.value = ""; filter(); find.blur(); }
      return;
    }
    const keys = {
      j: () => step(1), k: () => step(-1), "/": () => find.focus(),
      n: () => { noise.checked = !noise.checked; filter(); },
      Escape: () => { find.value = ""; filter(); },
    };
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  const fold = (open) => all("details.cassette").forEach((one) => { if (visible(one)) one.open = open; });
  document.getElementById("open").addEventListener("click", () => fold(true));
  document.getElementById("close").addEventListener("click", () => fold(false));
  document.getElementById("filters").addEventListener("input", filter);
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  filter();
})();
