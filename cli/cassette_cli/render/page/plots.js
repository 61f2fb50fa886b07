// Small plots of what is listed: inline SVG, a bar a bin, the numbers beside them.
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 240, HEIGHT = 56, LEAST = 8;

function svg(tag, given, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Bins are (label, count), from the lowest to the highest; `first` and `last` stand at the ends of the axis.
function plot(title, facts, bins, first, last) {
  const most = Math.max(1, ...bins.map((bin) => bin[1]));
  const step = WIDTH / Math.max(bins.length, LEAST);
  const bars = bins.map(([label, count], at) => {
    const height = count && Math.max(2, (count / most) * HEIGHT);
    const tip = svg("title", {});
    tip.textContent = label + ": " + number(count);
    return svg("rect", { x: at * step + 1, y: HEIGHT - height, width: step - 2, height }, tip);
  });
  const drawn = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title + ": " + facts }, ...bars);
  const ends = el("div", { className: "ends" }, el("span", {}, first), el("span", {}, last === first ? "" : last));
  ends.style.width = (100 * bins.length) / Math.max(bins.length, LEAST) + "%";
  return el("figure", {}, el("figcaption", {}, el("b", {}, title), " " + facts), drawn, ends);
}

// Amounts in bins that double in width: what is recorded spans many powers of ten.
function amounts(title, of, values, told) {
  if (!values.length) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const bin = (value) => (value < 1 ? -1 : Math.floor(Math.log2(value)));
  const first = bin(sorted[0]), last = bin(sorted[sorted.length - 1]);
  const counts = new Array(last - first + 1).fill(0);
  for (const value of sorted) counts[bin(value) - first] += 1;
  const bins = counts.map((count, at) => [at + first < 0 ? "less than 1" : "from " + told(2 ** (at + first)), count]);
  const [least, median, most] = [0, Math.floor((sorted.length - 1) / 2), sorted.length - 1].map((at) => told(sorted[at]));
  return plot(title, `of ${number(sorted.length)} ${of}: median ${median}, largest ${most}`, bins, least, most);
}

// Months without gaps; by years where there are many.
function ages(dates, total) {
  if (!dates.length) return null;
  const months = dates.map((date) => date.slice(0, 7)).sort();
  const at = (month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;
  const first = at(months[0]), span = at(months[months.length - 1]) - first + 1;
  const wide = span > 60 ? 12 : 1, start = wide > 1 ? Math.floor(first / 12) * 12 : first;
  const counts = new Array(Math.ceil((first + span - start) / wide)).fill(0);
  for (const month of months) counts[Math.floor((at(month) - start) / wide)] += 1;
  const label = (n) => (wide > 1 ? String(n / 12) : Math.floor(n / 12) + "-" + String((n % 12) + 1).padStart(2, "0"));
  const undated = total - dates.length;
  const facts = `from ${months[0]} to ${months[months.length - 1]}` + (undated ? `, ${number(undated)} without a date` : "");
  const bins = counts.map((count, n) => [label(start + n * wide), count]);
  return plot("Recorded", facts, bins, bins[0][0], bins[bins.length - 1][0]);
}

function plots(rows) {
  const known = (values) => values.filter((value) => value !== null);
  return [
    amounts("Frames", "streams", known(rows.map((row) => row.frames)), number),
    amounts("Tokens", "answers", rows.filter((row) => row.input !== null || row.output !== null).map((row) => row.input + row.output), number),
    amounts("Durations", "responses", known(rows.map((row) => row.ms)), time),
    ages(known(rows.map((row) => row.recorded)), rows.length),
  ].filter(Boolean);
}
