// One interaction: as a conversation, or as request and response. All recorded text is written as text.
const FOLD = 2000, FOLD_SYSTEM = 500, COLOURED = 100000;

const firstLine = (text) => text.slice(0, 100).replaceAll("\n", " ");

function folded(text, most, shown) {
  if (text.length <= most) return shown;
  const label = firstLine(text) + "… (" + number(text.length) + " characters)";
  return el("details", {}, el("summary", {}, label), shown);
}

function block(text, kind) {
  const shown = el("pre", { className: kind, tabIndex: 0 }, text);
  const copy = el("button", { type: "button", className: "copy" }, "Copy");
  copy.addEventListener("click", () => {
    getSelection().selectAllChildren(shown);
    navigator.clipboard?.writeText(text).then(() => { copy.textContent = "Copied"; }, () => {});
  });
  return el("div", { className: "block" }, shown, copy);
}

const kindOf = (text) => (/^\s*[[{]/.test(text) ? "json" : "");

// A part is (kind, what names it, its text).
function part([kind, head, text], role, last) {
  const most = last ? Infinity : role === "system" || role === "developer" ? FOLD_SYSTEM : FOLD;
  if (kind === "text") return folded(text, most, el("p", { className: "text" }, text));
  if (kind === "body") return folded(text, most, block(text, kindOf(text)));
  const name = el("h4", {}, kind.replace("_", " ") + " ", el("b", {}, head));
  if (!text) return el("div", { className: "part " + kind }, name);
  const shown = ["tool_call", "tool_result", "data"].includes(kind) ? block(text, kindOf(text)) : el("p", { className: "text" }, text);
  return el("div", { className: "part " + kind }, name, folded(text, most, shown));
}

function turn([role, parts], last) {
  const kind = role.split(" ")[0];
  return el("section", { className: "turn " + (["system", "developer", "user", "assistant", "tool"].includes(kind) ? kind : "other") },
    el("h3", {}, role), ...parts.map((one) => part(one, kind, last)));
}

const notes = (kind, texts) => (texts || []).map((text) => el("p", { className: kind }, kind + ": " + text));
const leftOut = (count) => (count ? [el("p", { className: "note" }, number(count) + " more characters are not in this page; `cassette show` prints all.")] : []);

function conversation(found) {
  const turns = found.said.map((one, at) => turn(one, at >= found.said.length - 1));
  const tools = (found.tools || []).map(([name, names, about]) => el("li", {}, el("b", {}, name), "(" + names + ") ", about));
  const parameters = (found.parameters || []).map(([name, value]) => el("li", {}, el("b", {}, name + ": "), value));
  const list = (items, label) => (items.length ? [el("details", {}, el("summary", {}, items.length + " " + label), el("ul", {}, ...items))] : []);
  return [
    ...turns, ...(found.none === undefined ? [] : notes("error", ["no response: " + found.none])), ...leftOut(found.left_out),
    ...notes("error", found.errors), ...notes("note", found.notes), el("p", { className: "end" }, found.end || ""),
    ...list(tools, tools.length === 1 ? "tool offered" : "tools offered"), ...list(parameters, parameters.length === 1 ? "parameter" : "parameters"),
  ];
}

function side(title, found) {
  const headers = found.headers.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]).flat();
  const label = found.headers.length + (found.headers.length === 1 ? " header" : " headers");
  return el("section", { className: "side" }, el("h3", {}, title + " ", el("small", {}, found.stack)),
    headers.length ? el("details", { open: headers.length <= 24 }, el("summary", {}, label), el("dl", {}, ...headers)) : null,
    found.body ? block(found.body, found.kind) : null, ...leftOut(found.left_out), ...notes("note", found.notes));
}

function exchange(found) {
  if (!found.request) return [];
  const response = found.response ? side("Response", found.response) : el("p", { className: "error" }, "no response: " + found.none);
  return [side("Request", found.request), response, ...(found.talk ? [] : notes("error", found.errors))];
}

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g;

// Colour JSON and mark what was searched, by ranges: the text itself stays one piece. Return where the first mark is.
function paint(root, terms) {
  if (!window.CSS?.highlights) return null;
  const kinds = { key: [], string: [], literal: [], found: [] };
  const mark = (node, from, to) => new StaticRange({ startContainer: node, startOffset: from, endContainer: node, endOffset: to });
  for (const pre of all("pre.json", root)) {
    const node = pre.firstChild;
    if (!node || node.length > COLOURED) continue;
    for (const match of node.data.matchAll(TOKENS)) {
      const kind = match[2] !== undefined ? "key" : match[1] !== undefined ? "string" : "literal";
      kinds[kind].push(mark(node, match.index, match.index + (match[1] || match[0]).length));
    }
  }
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node && terms.length && kinds.found.length < 2000; node = walker.nextNode()) {
    const text = node.data.toLowerCase();
    for (const term of terms) {
      for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) {
        kinds.found.push(mark(node, at, Math.min(at + term.length, node.length)));
        const fold = node.parentElement.closest("details");
        if (fold && !node.parentElement.closest("summary")) fold.open = true;
      }
    }
  }
  for (const [kind, ranges] of Object.entries(kinds)) {
    const highlight = new Highlight();
    for (const range of ranges) highlight.add(range);
    CSS.highlights.set(kind, highlight);
  }
  return kinds.found[0]?.startContainer.parentElement || null;
}
