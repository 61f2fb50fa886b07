// The list of a suite, its search, facets and keys. What is chosen stands in the address, behind the `#`.
const data = JSON.parse(id("rows").textContent);
const GROUP = 50, FEW = 8;
const rows = data.rows.map((values, at) => {
  const row = { at, words: "" };
  data.fields.forEach((name, place) => { row[name] = values[place]; });
  row.name = row.path + (row.index === null ? "" : "#" + row.index);
  row.head = [row.name, row.url, row.model, row.protocol, row.codes.join(" "), row.asked, row.answer, row.note].join("\n");
  row.low = row.head.toLowerCase();
  row.time = row.recorded && Date.parse(row.recorded.replace(" ", "T") + "Z");
  return row;
});
const byName = new Map(rows.map((row) => [row.name, row]));

// Texts stand in this page, or in scripts beside it, each of which calls `arrived`.
const arriving = new Map(), read = new Map();
const complete = new Promise((ready) => {
  if (document.readyState !== "loading") ready();
  else document.addEventListener("DOMContentLoaded", ready);
});
const policy = data.files && window.trustedTypes?.createPolicy("parts", { createScriptURL: (name) => {
  if (!/^parts\/[0-9a-f]{16}\.js$/.test(name)) throw new TypeError(name);
  return name;
} });

function arrived(name, text) {
  arriving.get(name)?.(text);
  arriving.delete(name);
}

function textOf(name) {
  if (!data.files) return id(name)?.nextElementSibling ? Promise.resolve(id(name).textContent) : complete.then(() => id(name).textContent);
  return new Promise((ready, failed) => {
    arriving.set(name, ready);
    const file = "parts/" + data.files[name] + ".js";
    const script = el("script", { onerror: () => failed(new Error(file + " cannot be read")), onload: () => script.remove() });
    script.src = policy ? policy.createScriptURL(file) : file;
    document.head.append(script);
  });
}

// The texts of an interaction; those that stand with it in one part are kept for a while.
async function detailOf(row) {
  let at = data.texts.length - 1;
  while (data.texts[at] > row.at) at -= 1;
  const name = "t" + at;
  if (!read.has(name)) {
    if (read.size > 7) read.delete(read.keys().next().value);
    read.set(name, textOf(name).then(JSON.parse));
    read.get(name).catch(() => read.delete(name));
  }
  return (await read.get(name))[row.at - data.texts[at]];
}

// The words of questions and answers are read once the list stands.
let wordsRead = false, broken = false;
async function readWords() {
  for (let at = 0; at < data.words.length; at += 1) {
    JSON.parse(await textOf("w" + at)).forEach((words, place) => {
      const row = rows[data.words[at] + place];
      row.words = words;
      row.low = (row.head + "\n" + words).toLowerCase();
    });
  }
  wordsRead = true;
  if (state.q) refresh();
}

// What is chosen

const folders = (path) => [...path.matchAll(/\//g)].map((match) => path.slice(0, match.index + 1)).filter((one) => one.length > data.base.length);
const FACETS = [
  ["finding", (row) => (row.codes.length ? row.codes : ["none"])],
  ["status", (row) => [row.status === null ? "none" : String(row.status)]],
  ["recorder", (row) => [row.format || "none"]],
  ["model", (row) => [row.model || "none"]],
  ["host", (row) => [row.host || "none"]],
  ["folder", (row) => folders(row.path)],
  ["month", (row) => [row.recorded ? row.recorded.slice(0, 7) : "none"]],
].map(([name, valuesOf]) => ({ name, valuesOf, picked: new Set(), items: new Map(), open: false }));
const SORTS = new Map([
  ["path", null],
  ["largest", (row) => row.bytes], ["most frames", (row) => row.frames],
  ["most tokens", (row) => (row.input === null && row.output === null ? null : row.input + row.output)],
  ["slowest", (row) => row.ms], ["newest", (row) => row.time], ["oldest", (row) => row.time && -row.time],
]);
const state = { q: "", sort: "path", open: "", view: "" };
let shown = rows, terms = [], drawn = null;

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const name of Object.keys(state)) state[name] = given.get(name) || "";
  if (!SORTS.has(state.sort)) state.sort = "path";
  for (const facet of FACETS) facet.picked = new Set(given.getAll(facet.name));
  find.value = state.q;
  id("sort").value = state.sort;
}

function address(row) {
  const chosen = new URLSearchParams();
  if (row) chosen.set("open", row.name);
  else {
    for (const [name, value] of Object.entries(state)) if (value && !(name === "sort" && value === "path")) chosen.set(name, value);
    for (const facet of FACETS) for (const value of facet.picked) chosen.append(facet.name, value);
  }
  return "#" + chosen.toString().replaceAll("%2F", "/");
}

function writeAddress(step) {
  const text = address();
  if (text === (location.hash || "#")) return;
  if (step) history.pushState(null, "", text);
  else history.replaceState(null, "", text);
}

// Words, or phrases in quotes; all of them must occur.
const parsed = (query) => [...query.toLowerCase().matchAll(/"([^"]+)"?|[^\s"]+/g)].map((match) => match[1] || match[0]);

function refresh() {
  terms = parsed(state.q);
  const active = FACETS.filter((facet) => facet.picked.size);
  for (const facet of FACETS) for (const item of facet.items.values()) item.count = 0;
  shown = rows.filter((row) => {
    if (!terms.every((term) => row.low.includes(term))) return false;
    const failing = active.filter((facet) => !row.values.get(facet).some((value) => facet.picked.has(value)));
    if (failing.length > 1) return false;
    for (const facet of failing.length ? failing : FACETS) for (const value of row.values.get(facet)) facet.items.get(value).count += 1;
    return !failing.length;
  });
  const by = SORTS.get(state.sort);
  if (by) shown.sort((a, b) => (by(b) ?? -Infinity) - (by(a) ?? -Infinity) || a.at - b.at);
  const focused = document.activeElement.row;
  drawList();
  if (focused) focusRow(shown.indexOf(focused));
  FACETS.forEach(drawFacet);
  id("figures").replaceChildren(...plots(shown));
  const waiting = !terms.length || wordsRead ? "" : broken ? ", texts cannot be read" : ", still reading texts";
  id("count").textContent = number(shown.length) + (shown.length === rows.length ? "" : " of " + number(rows.length)) + " shown" + waiting;
  id("clear").hidden = !terms.length && !active.length;
  drawn = state.q;
}

// The list: rows of one height, in groups that are filled when they come near

const near = new IntersectionObserver((seen) => { for (const one of seen) if (one.isIntersecting) fill(one.target); }, { rootMargin: "1200px" });

function drawList() {
  near.disconnect();
  const groups = [];
  for (let from = 0; from < shown.length; from += GROUP) {
    const group = el("ul", { className: "rows" });
    group.from = from;
    group.style.setProperty("--n", Math.min(GROUP, shown.length - from));
    groups.push(group);
    near.observe(group);
  }
  id("list").replaceChildren(...(groups.length ? groups : [el("p", { className: "none" }, "Nothing matches.")]));
  if (groups.length) fill(groups[0]);
}

function fill(group) {
  near.unobserve(group);
  if (!group.firstChild) group.append(...shown.slice(group.from, group.from + GROUP).map((row) => el("li", {}, rowLink(row))));
}

const statusKind = (status) => (status === null || status >= 400 ? "bad" : status >= 300 ? "moved" : "ok");
const statusWord = (row) => (row.note !== null ? "!" : row.status === null ? "–" : String(row.status));

function facts(row) {
  const tokens = row.input === null && row.output === null ? "" : `${row.input ?? "?"} → ${row.output ?? "?"} tokens`;
  const frames = row.frames === null ? "" : row.frames + (row.frames === 1 ? " frame" : " frames");
  return [row.model, tokens, frames, row.ms === null ? "" : time(row.ms)].filter(Boolean);
}

function rowLink(row) {
  const said = el("span", { className: "said" }, ...(row.note ? [row.note] : excerpt(row)));
  const link = el("a", { href: address(row), className: "row" },
    el("span", { className: "status " + statusKind(row.status) }, statusWord(row)),
    nameOf(row),
    el("span", { className: "facts" }, facts(row).join(" · ")),
    el("span", { className: "url" }, (row.method || "") + " " + row.url.replace(/^https?:\/\//, "")),
    el("span", { className: "codes" }, row.codes.join(" · ")), said);
  if (row.name === state.open) link.setAttribute("aria-current", "true");
  link.row = row;
  return link;
}

// The name without the folder that all have. Where it is too long its beginning gives way: that of the folder first,
// then that of the file's name; the number never.
function nameOf(row) {
  const path = row.path.slice(data.base.length), cut = path.lastIndexOf("/") + 1;
  const part = (className, text) => el("span", { className }, el("bdi", { dir: "ltr" }, text));
  const last = el("span", { className: "last" }, part("file", path.slice(cut)), part("number", row.name.slice(row.path.length)));
  return el("b", { className: "name", title: row.name }, cut ? part("folder", path.slice(0, cut)) : "", last);
}

// Question and answer, or what was found in them, marked.
function excerpt(row) {
  const plain = [row.asked, row.answer].filter(Boolean).join(" → ");
  const term = terms.find((one) => !row.name.toLowerCase().includes(one) && !(row.url || "").toLowerCase().includes(one));
  if (!term) return [plain];
  const text = plain.toLowerCase().includes(term) ? plain : row.words;
  const at = text.toLowerCase().indexOf(term);
  if (at < 0) return [plain];
  const from = Math.max(0, at - 40);
  return [(from ? "…" : "") + text.slice(from, at), el("mark", {}, text.slice(at, at + term.length)), text.slice(at + term.length, at + 200)];
}

// Facets

function makeFacets() {
  for (const row of rows) {
    row.values = new Map(FACETS.map((facet) => [facet, facet.valuesOf(row)]));
    for (const [facet, values] of row.values) {
      for (const value of values) {
        if (!facet.items.has(value)) facet.items.set(value, { value, total: 0, count: 0 });
        facet.items.get(value).total += 1;
      }
    }
  }
  for (const facet of FACETS) {
    const items = [...facet.items.values()];
    if (facet.name === "folder") facet.order = branches(items);
    else if (facet.name === "month") facet.order = items.sort((a, b) => (a.value === "none") - (b.value === "none") || (a.value < b.value ? 1 : -1));
    else facet.order = items.sort((a, b) => b.total - a.total || (a.value < b.value ? -1 : 1));
    facet.list = el("div", {});
    facet.more = el("button", { type: "button", className: "more", onclick: () => { facet.open = !facet.open; drawFacet(facet); } });
    facet.box = el("details", { open: true, className: "facet" }, el("summary", {}, facet.name), el("div", { role: "group", "aria-label": facet.name }, facet.list, facet.more));
    for (const item of facet.order) makeItem(facet, item);
  }
  id("facets").append(...FACETS.filter((facet) => facet.order.length > 1 || facet.name === "finding").map((facet) => facet.box));
}

// Folders in their order; a chain of folders that hold nothing else is one line.
function branches(items) {
  const above = [];
  items.sort((a, b) => (a.value < b.value ? -1 : 1));
  const kept = items.filter((item, at) => !(items[at + 1]?.total === item.total && items[at + 1].value.startsWith(item.value)));
  for (const item of kept) {
    while (above.length && !item.value.startsWith(above[above.length - 1])) above.pop();
    item.depth = above.length;
    item.label = item.value.slice(above.length ? above[above.length - 1].length : data.base.length);
    above.push(item.value);
  }
  return kept;
}

function makeItem(facet, item) {
  item.box = el("input", { type: "checkbox", value: item.value });
  item.number = el("b", {});
  item.row = el("label", { title: Object.hasOwn(data.about, item.value) ? data.about[item.value] : "" }, item.box, el("span", {}, item.label || item.value), item.number);
  if (item.depth) item.row.style.setProperty("--depth", Math.min(item.depth, 6));
  item.box.addEventListener("change", () => {
    if (item.box.checked) facet.picked.add(item.value);
    else facet.picked.delete(item.value);
    changed();
  });
}

// A value that would add nothing is left out.
function drawFacet(facet) {
  const useful = facet.order.filter((item) => item.count || facet.picked.has(item.value));
  const items = facet.open ? useful : useful.filter((item, at) => at < FEW || facet.picked.has(item.value));
  for (const item of items) {
    item.box.checked = facet.picked.has(item.value);
    item.number.textContent = number(item.count);
  }
  if (facet.list.childElementCount !== items.length || items.some((item, at) => facet.list.children[at] !== item.row)) {
    const focused = document.activeElement;
    facet.list.replaceChildren(...items.map((item) => item.row));
    if (facet.list.contains(focused)) focused.focus({ preventScroll: true });
  }
  facet.more.hidden = useful.length <= FEW;
  facet.more.textContent = facet.open ? "Fewer" : number(useful.length - items.length) + " more";
}

function changed() {
  refresh();
  writeAddress(false);
}

// One interaction

const title = document.title;
let drawing = 0, place = 0;

async function drawDetail(focus) {
  const turn = drawing += 1;
  document.title = state.open ? state.open + " · " + title : title;
  const row = byName.get(state.open);
  const was = document.body.classList.contains("reading");
  if (!was) place = scrollY;
  document.body.classList.toggle("reading", Boolean(state.open));
  for (const link of all("a.row[aria-current]")) link.removeAttribute("aria-current");
  if (!state.open) {
    id("detail").replaceChildren();
    if (was) scrollTo(0, place);
    return;
  }
  if (row) all("a.row").find((link) => link.row === row)?.setAttribute("aria-current", "true");
  let body, found = null;
  try {
    found = row && await detailOf(row);
    body = found ? null : [el("p", { className: "error" }, row ? row.note || "" : "There is no " + state.open + " in this page.")];
  } catch (error) {
    body = [el("p", { className: "error" }, "The texts of this interaction are not there: " + error.message)];
  }
  if (turn !== drawing) return;
  const view = state.view || (found?.talk ? "conversation" : "exchange");
  body ??= view === "conversation" && found.talk ? conversation(found) : exchange(found);
  if (found && row.index !== null) body.push(el("p", { className: "command" }, "In a terminal: ", el("code", {}, `cassette show --mask ${view === "exchange" ? "--headers" : "-r"} ${quoted(row.name)}`)));
  id("detail").replaceChildren(...detailHead(row, found, view), ...body);
  id("detail").scrollTop = 0;
  const mark = paint(id("detail"), terms);
  if (getComputedStyle(id("page")).display === "block") scrollTo(0, 0);
  if (focus) id("title").focus({ preventScroll: true });
  if (mark && mark.getBoundingClientRect().top > innerHeight) mark.scrollIntoView({ block: "center" });
}

function detailHead(row, found, view) {
  const button = (label, key, act, given = {}) => el("button", { type: "button", title: `${label} (${key})`, "aria-label": label, onclick: act, ...given });
  const close = button("Close", "Esc", () => open(""));
  close.append("✕");
  const title = el("h2", { id: "title", tabIndex: -1 }, row ? nameOf(row) : state.open);
  const bar = el("div", { className: "bar" }, title, close);
  if (!row) return [bar];
  const [back, on] = [button("Previous", "k", () => step(-1)), button("Next", "j", () => step(1))];
  back.append("↑");
  on.append("↓");
  bar.insertBefore(back, close);
  bar.insertBefore(on, close);
  bar.insertBefore(el("a", { href: address(row), title: "Link to this interaction", "aria-label": "Link to this interaction" }, "#"), back);
  const size = row.bytes === null ? "" : number(row.bytes) + " bytes";
  const told = [row.protocol, ...facts(row), size, row.recorded, row.format].filter(Boolean);
  const head = [bar];
  if (row.method) {
    const word = statusWord(row) + (found?.reason ? " " + found.reason : "");
    head.push(el("p", { className: "request" }, el("b", {}, row.method), " " + row.url + " ", el("span", { className: "status " + statusKind(row.status) }, word)));
  }
  head.push(el("p", { className: "told" }, told.join(" · ")));
  if (!found) return head;
  head.push(el("ul", { className: "faults" }, ...found.faults.map(([code, message, line]) => el("li", {}, el("b", {}, code), ` line ${line}: ${message}`)),
    ...found.unread.map(([where, reason]) => el("li", {}, el("b", {}, "not read"), ` ${where}: ${reason}`))));
  const views = [["conversation", "Conversation", "c"], ["exchange", "Request and response", "r"]];
  if (found.talk) {
    head.push(el("div", { className: "views", role: "group", "aria-label": "View" }, ...views.map(([name, label, key]) =>
      el("button", { type: "button", "aria-pressed": String(view === name), title: `Key ${key}`, onclick: () => look(name) }, label))));
  }
  return head;
}

const quoted = (name) => (/^[\w./@%+=:,#-]+$/.test(name) && !name.startsWith("#") ? name : "'" + name.replaceAll("'", "'\\''") + "'");

function open(name, { focus = true, step: pushed = true } = {}) {
  const before = state.open;
  state.open = name;
  writeAddress(pushed);
  const done = drawDetail(focus && Boolean(name));
  if (!name && before) done.then(() => focusRow(shown.findIndex((row) => row.name === before)));
}

function look(view) {
  if (!state.open) return;
  state.view = view;
  writeAddress(false);
  drawDetail(false);
}

function focusRow(at) {
  if (at < 0 || at >= shown.length) return;
  fill(id("list").children[Math.floor(at / GROUP)]);
  const link = all("a.row").find((one) => one.row === shown[at]);
  link.focus({ preventScroll: true });
  link.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const current = state.open ? byName.get(state.open) : document.activeElement.row;
  const at = shown.indexOf(current);
  const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + by, 0), shown.length - 1);
  if (!shown.length || next === at) return;
  focusRow(next);
  if (state.open) open(shown[next].name, { focus: false, step: false });
}

function clear(all) {
  state.q = find.value = "";
  if (all) for (const facet of FACETS) facet.picked.clear();
  changed();
}

function escape() {
  if (document.activeElement === find && state.q) clear(false);
  else if (state.open) open("");
  else clear(true);
}

// Where it all begins

const KEYS = { j: () => step(1), k: () => step(-1), c: () => look("conversation"), r: () => look("exchange"), Escape: escape };
onKeys((key) => (Object.hasOwn(KEYS, key) ? KEYS[key] : null));
id("list").addEventListener("click", (event) => {
  const link = event.target.closest("a.row");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link.row.name);
});
let typing = 0;
find.addEventListener("input", () => {
  state.q = find.value;
  cancelAnimationFrame(typing);
  typing = requestAnimationFrame(changed);
});
id("search").addEventListener("submit", (event) => event.preventDefault());
id("clear").addEventListener("click", () => clear(true));
for (const name of SORTS.keys()) id("sort").append(el("option", { value: name }, name));
id("sort").addEventListener("change", () => { state.sort = id("sort").value; changed(); });
if (matchMedia("(max-width: 900px)").matches) for (const one of [id("filters"), id("plots")]) one.open = false;
function start() {
  readAddress();
  refresh();
  drawDetail(false);
}
addEventListener("popstate", start);
addEventListener("hashchange", () => { if (location.hash !== address() && (location.hash || address() !== "#")) start(); });
makeFacets();
start();
complete.then(() => setTimeout(() => readWords().catch(() => { broken = true; refresh(); }), 0));
