(() => {
  const volatile = document.getElementById("volatile");
  const kinds = all("input[name=kind]");
  const files = new Map(all("nav a").map((link) => [link.getAttribute("href").slice(1), link.parentElement]));

  // What is searched is read once: a page may hold many thousand changes.
  const cassettes = all("details.cassette").map((element) => ({
    element,
    head: element.querySelector("summary").textContent.toLowerCase(),
    sections: all("section", element).map((section) => ({
      section,
      kind: section.dataset.kind,
      head: section.querySelector("h3").textContent.toLowerCase(),
      text: all(".excerpt", section).map((one) => one.textContent.toLowerCase()).join(" "),
      changes: all(".change", section).map((change) => ({
        change, kind: change.dataset.kind, quiet: change.parentElement.classList.contains("volatile"), text: null,
      })),
    })),
  }));
  const visible = (element) => !element.hidden && getComputedStyle(element).display !== "none";

  // Whatever is shown and hidden around it, what stands at the top of the window stays there.
  function inPlace(work) {
    const top = document.querySelector("header").getBoundingClientRect().bottom;
    const stop = document.activeElement.closest?.("details.cassette")
      || cassettes.map((one) => one.element).find((one) => visible(one) && one.getBoundingClientRect().bottom > top);
    const before = stop && stop.getBoundingClientRect().top;
    work();
    // What is out of sight has no size before it comes near: look again when it is drawn.
    const settle = (times) => {
      if (!stop || !visible(stop)) return;
      scrollBy(0, stop.getBoundingClientRect().top - before);
      if (times) requestAnimationFrame(() => settle(times - 1));
    };
    settle(4);
  }

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const off = new Set(kinds.filter((box) => !box.checked).map((box) => box.value));
    const has = (...texts) => words.every((word) => texts.some((text) => text.includes(word)));
    document.body.classList.toggle("with-volatile", volatile.checked);
    let shown = 0;
    for (const one of cassettes) {
      let any = false;
      for (const part of one.sections) {
        let some = Boolean(part.kind) && !off.has(part.kind) && has(one.head, part.head, part.text);
        for (const item of part.changes) {
          if (words.length && item.text === null) item.text = item.change.textContent.toLowerCase();
          const keep = (item.quiet || !off.has(item.kind)) && has(one.head, part.head, item.text || "");
          item.change.hidden = !keep;
          some = some || (keep && (!item.quiet || volatile.checked));
        }
        part.section.hidden = !some;
        any = any || some;
      }
      const empty = one.sections.length === 0;
      const keep = any || (empty && has(one.head));
      one.element.hidden = !keep;
      const file = files.get(one.element.id);
      if (file) file.hidden = !keep;
      if (keep && (volatile.checked || !one.element.classList.contains("only-volatile"))) shown += 1;
    }
    const viewed = cassettes.filter((one) => one.box.checked).length;
    document.getElementById("count").textContent = shown + " shown" + (viewed ? ", " + viewed + " viewed" : "");
  }

  function step(by) {
    const stops = cassettes.map((one) => one.element).filter(visible).map((one) => one.querySelector("summary"));
    if (!stops.length) return;
    const at = stops.indexOf(document.activeElement);
    const next = stops[at < 0 ? (by > 0 ? 0 : stops.length - 1) : Math.min(Math.max(at + by, 0), stops.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "center" });
  }

  // Marks are kept by what was viewed; a browser that keeps nothing for files just forgets them.
  const kept = (key, value) => {
    try { return value === undefined ? localStorage.getItem(key) : value ? localStorage.setItem(key, "1") : localStorage.removeItem(key); } catch { return null; }
  };
  for (const one of cassettes) {
    one.box = one.element.parentElement.querySelector(".viewed input");
    const mark = "cassette-diff-" + one.element.dataset.mark;
    const show = () => files.get(one.element.id)?.classList.toggle("viewed", one.box.checked);
    one.box.checked = kept(mark) === "1";
    if (one.box.checked) one.element.open = false;
    show();
    one.box.addEventListener("change", () => {
      kept(mark, one.box.checked);
      one.element.open = !one.box.checked;
      show();
      filter();
    });
  }

  function reveal() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.matches("details.cassette")) return;
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  }

  onKeys((key) => {
    const focused = cassettes.find((one) => one.element.contains(document.activeElement));
    return {
      j: () => step(1), k: () => step(-1),
      n: () => inPlace(() => { volatile.checked = !volatile.checked; filter(); }),
      v: () => focused && focused.box.click(),
      Escape: () => { document.getElementById("kinds").open = false; inPlace(() => { find.value = ""; filter(); }); },
    }[key];
  });

  const fold = (open) => cassettes.forEach((one) => { if (visible(one.element)) one.element.open = open; });
  document.getElementById("open").addEventListener("click", () => fold(true));
  document.getElementById("close").addEventListener("click", () => fold(false));
  document.getElementById("filters").addEventListener("input", (event) => {
    if (event.target === find) filter(); else inPlace(filter);
  });
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  if (matchMedia("(max-width: 900px)").matches) document.getElementById("files").open = false;
  filter();
  reveal();
})();
