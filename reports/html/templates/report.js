"use strict";
// One view at a time, filters, and two traces side by side. Everything here can be done without; nothing is fetched.
// All but the matrix stands in noscript elements: a browser that runs this has it as mere text until it is shown.
// The address says what is shown: "#matrix?topic=reach&differs=1", "#scenario/NAME/LEFT/RIGHT".

const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// ---- the matrix

const form = $("#filters");
const groups = all("th[data-group]").map((head) => head.dataset.group);
const topics = all("#matrix .topic");
const total = all("#matrix tbody tr").length;
let model;

/** Every row once, with what the filters ask of it; made when something is first asked. */
function rows() {
  model ??= topics.flatMap((topic) =>
    all("tbody tr", topic).map((row) => ({row, topic, text: row.textContent.toLowerCase(), cells: [...row.cells].slice(1).map(told)}))
  );
  return model;
}

function told(cell) {
  const [kind, ...looks] = cell.className.split(" ");
  return {kind, answer: plainAnswer(cell.textContent), unexpected: looks.includes("unexpected")};
}

const NO_RESULT = new Set(["missing", "trouble", "mixed"]);

/** Whether two cells that are results, of columns that `alike` puts together, have different answers. */
function parts(cells, alike) {
  const seen = new Map();
  return cells.some(({kind, answer}, index) => {
    if (NO_RESULT.has(kind)) return false;
    const key = alike(groups[index]);
    if (!seen.has(key)) seen.set(key, answer);
    return seen.get(key) !== answer;
  });
}

const plainAnswer = (answer) => answer.replace(/\(known\)|, not as expected|!/g, "").replace(/\s+/g, " ").trim();

function wanted() {
  const data = new FormData(form);
  return Object.fromEntries([...data].filter(([, value]) => value));
}

let filtered = false;
function filter() {
  const want = wanted();
  if (!filtered && !Object.keys(want).length) return showCount(total, total);
  filtered = true;
  const words = (want.q ?? "").toLowerCase().split(/[\s_]+/).filter(Boolean);
  const used = new Set();
  let count = 0;
  for (const each of rows()) {
    const cells = each.cells.map((cell, index) => (!want.browser || groups[index] === want.browser ? cell : {kind: "missing"}));
    const fits =
      (!want.topic || each.topic.dataset.topic === want.topic) &&
      words.every((word) => each.text.includes(word)) &&
      (!want.verdict || cells.some(({kind, unexpected}) => (want.verdict === "unexpected" ? unexpected : kind === want.verdict))) &&
      (!want.differs || parts(cells, () => "")) &&
      (!want.changed || parts(cells, (group) => group));
    if (each.row.hidden === fits) each.row.hidden = !fits; // even a value that is not new costs a style
    if (fits) {
      used.add(each.topic);
      count += 1;
    }
  }
  for (const topic of topics) if (topic.hidden === used.has(topic)) topic.hidden = !used.has(topic);
  $("#matrix").dataset.group = [...new Set(groups)].indexOf(want.browser);
  showCount(count, total);
}

function showCount(count, all) {
  form.elements.count.value = `${count} of ${all} scenarios`;
  $("#nothing").hidden = count > 0;
}

function address() {
  const query = new URLSearchParams(wanted()).toString();
  return "#matrix" + (query ? "?" + query : "");
}

function read(query) {
  const want = new URLSearchParams(query);
  for (const field of form.elements) {
    if (!field.name || field.name === "count") continue;
    if (field.type === "checkbox") field.checked = want.has(field.name);
    else field.value = want.get(field.name) ?? "";
    if (field.tagName === "SELECT" && field.selectedIndex < 0) field.value = "";
  }
}

function changed() {
  filter();
  history.replaceState(null, "", address());
}

// ---- a scenario

function compare(article, left, right) {
  const figures = all("figure", article);
  if (figures.length < 2) return;
  const find = (number) => figures.find((figure) => figure.dataset.n === number);
  const first = find(left) ?? figures[0];
  const second = find(right) ?? figures.find((figure) => figure !== first);
  const [one, other] = chooser(article, figures);
  one.value = first.dataset.n;
  other.value = second.dataset.n;
  for (const figure of figures) figure.classList.toggle("off", figure !== first && figure !== second);
  first.parentElement.prepend(first);
  if (second !== first) first.after(second);
  mark(first, second.dataset.n);
  mark(second, first.dataset.n);
}

/** The two lists by which traces are chosen. */
function chooser(article, figures) {
  if (!$(".choose", article)) {
    const line = document.createElement("p");
    line.className = "choose";
    for (const side of ["Left", "Right"]) {
      const select = document.createElement("select");
      select.name = side.toLowerCase();
      select.autocomplete = "off";
      for (const figure of figures) select.append(new Option(`${figure.dataset.n}: ${$(".who", figure).textContent}`, figure.dataset.n));
      const label = document.createElement("label");
      label.append(side + " ", select);
      line.append(label, " ");
    }
    $(".figures", article).before(line);
  }
  return all(".choose select", article);
}

/** Mark where a trace leaves the one beside it. */
function mark(figure, beside) {
  const part = figure.dataset.parts.trim().split(" ").map((each) => each.split(":")).find(([number]) => number === beside);
  const group = $("svg .parts", figure);
  if (group) {
    if (part) {
      group.removeAttribute("display");
      group.setAttribute("y", part[2]);
    } else group.setAttribute("display", "none");
  }
  all(".events tbody tr", figure).forEach((row, index) => row.classList.toggle("part", part !== undefined && index === Number(part[1])));
}

// ---- views

const kept = new Map(all("noscript[data-id]").map((each) => [each.dataset.id, each]));

/** The element with that id, taken out of the text that it is kept in. */
function found(id) {
  const [page, name] = id.split("/");
  for (const each of [id, `${page}/${name}`, page, page + "s"]) unfold(each);
  return document.getElementById(id);
}

/** Make elements of what is kept: by a template, which runs nothing. */
function unfold(id) {
  const holder = kept.get(id);
  if (!holder) return;
  kept.delete(id);
  const template = document.createElement("template");
  template.innerHTML = holder.textContent;
  holder.replaceWith(template.content);
}

let opener = null;

function show() {
  const hash = decoded(location.hash.slice(1)) || "matrix";
  const [path, query = ""] = hash.split("?", 2);
  const scenario = /^scenario\/([^/]+)(?:\/(\d+))?(?:\/(\d+))?$/.exec(path);
  const target = found(scenario ? `scenario/${scenario[1]}` : path);
  const section = (target ?? $("#matrix")).closest("main > section") ?? (path === "main" ? $("main > section.shown") : null) ?? $("#matrix");
  for (const each of all("main > section")) each.classList.toggle("shown", each === section);
  for (const each of all("article.shown")) if (each !== target) each.classList.remove("shown");
  for (const link of all("nav a")) {
    if (link.hash === "#" + section.id) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (section.id === "matrix") showMatrix(query);
  else if (target) showTarget(target, scenario);
  title(section, target);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function showMatrix(query) {
  read(query);
  filter();
  const back = opener;
  opener = null;
  if (back?.isConnected && back.offsetParent) back.focus();
}

function showTarget(target, scenario) {
  if (scenario) {
    target.classList.add("shown");
    compare(target, scenario[2], scenario[3]);
  }
  const place = (scenario?.[2] && $(`figure[data-n="${scenario[2]}"]`, target)) || target;
  for (const each of all("figure.here, tr.here")) each.classList.toggle("here", each === place);
  if (place.matches("figure, tr")) place.classList.add("here");
  if (!place.hasAttribute("tabindex")) place.tabIndex = -1;
  place.focus({preventScroll: true});
  if ((scenario && !scenario[2]) || place.matches("main > section")) scrollTo(0, 0);
  else place.scrollIntoView();
}

const siteTitle = document.title;
function title(section, target) {
  const heading = section.id === "scenarios" && target ? $("h3", target) : $("h2", section);
  document.title = section.id === "matrix" ? siteTitle : `${heading.textContent} · Portolan`;
}

document.addEventListener("change", (event) => {
  const article = event.target.closest("article");
  if (!article || !event.target.closest(".choose")) return;
  const [left, right] = all("select", article).map((select) => select.value);
  compare(article, left, right);
  history.replaceState(null, "", `#${article.id}/${left}/${right}`);
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#matrix td a, #matrix th a")) opener = event.target.closest("a");
});
form.addEventListener("input", changed);
form.addEventListener("reset", () => setTimeout(changed));
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
addEventListener("hashchange", show);
show();
