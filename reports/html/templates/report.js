"use strict";
// One view at a time, filters, and two traces side by side. Everything here can be done without; nothing is fetched.
// The address says what is shown: "#matrix?topic=reach&differs=1", "#scenario/NAME/LEFT/RIGHT".

const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// ---- the matrix

const form = $("#filters");
const table = $("table.matrix");
const columns = all("thead th[data-group]", table).map((head) => ({head, group: head.dataset.group, family: head.dataset.family}));
const families = all("thead th.family", table);
let model;

/** Every row once, with what the filters ask of it. */
function rows() {
  model ??= all("tbody", table).flatMap((body) =>
    all("tr:not(.topic)", body).map((row) => ({
      row,
      body,
      topic: body.dataset.topic,
      text: row.textContent.toLowerCase(),
      cells: [...row.cells].slice(1).map((cell) => ({cell, kind: cell.classList[0], answer: cell.textContent, unexpected: cell.classList.contains("unexpected")})),
    }))
  );
  return model;
}

const NO_RESULT = new Set(["missing", "trouble", "mixed"]);

/** Whether two cells that are results, of columns that `alike` puts together, have different answers. */
function parts(cells, alike) {
  const seen = new Map();
  return cells.some(({kind, answer}, index) => {
    if (NO_RESULT.has(kind)) return false;
    const key = alike(columns[index]);
    const known = plainAnswer(answer);
    if (!seen.has(key)) seen.set(key, known);
    return seen.get(key) !== known;
  });
}

const plainAnswer = (answer) => answer.replace(/\(known\)|, not as expected|!/g, "").replace(/\s+/g, " ").trim();

function wanted() {
  const data = new FormData(form);
  return Object.fromEntries([...data].filter(([, value]) => value));
}

function filter() {
  const want = wanted();
  const words = (want.q ?? "").toLowerCase().split(/[\s_]+/).filter(Boolean);
  const shownColumns = columns.map(({group}) => !want.browser || group === want.browser);
  const used = new Set();
  let count = 0;
  for (const each of rows()) {
    const cells = each.cells.map((cell, index) => (shownColumns[index] ? cell : {kind: "missing", answer: ""}));
    const fits =
      (!want.topic || each.topic === want.topic) &&
      words.every((word) => each.text.includes(word)) &&
      (!want.verdict || cells.some(({kind, unexpected}) => (want.verdict === "unexpected" ? unexpected : kind === want.verdict))) &&
      (!want.differs || parts(cells, () => "")) &&
      (!want.changed || parts(cells, ({group}) => group));
    if (each.row.hidden === fits) each.row.hidden = !fits;
    if (fits) {
      used.add(each.body);
      count += 1;
    }
  }
  for (const body of table.tBodies) body.hidden = !used.has(body);
  showColumns(shownColumns);
  form.elements.count.value = `${count} of ${rows().length} scenarios`;
  $("#nothing").hidden = count > 0;
}

let columnsNow = "";
function showColumns(shown) {
  if (shown.join() === (columnsNow || columns.map(() => true).join())) return;
  columnsNow = shown.join();
  columns.forEach(({head}, index) => (head.hidden = !shown[index]));
  for (const {cells} of rows()) cells.forEach(({cell}, index) => (cell.hidden = !shown[index]));
  for (const head of families) head.hidden = !columns.some(({group}, index) => shown[index] && group === head.textContent);
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
  const [one, other] = all("select", article);
  $(".choose", article).hidden = false;
  if (!one.length) {
    const told = figures.map((figure) => [figure.dataset.n, $(".who", figure).textContent]);
    for (const select of [one, other]) select.append(...told.map(([number, who]) => new Option(`${number}: ${who}`, number)));
  }
  one.value = first.dataset.n;
  other.value = second.dataset.n;
  for (const figure of figures) figure.classList.toggle("off", figure !== first && figure !== second);
  first.parentElement.prepend(first);
  if (second !== first) first.after(second);
  mark(first, second.dataset.n);
  mark(second, first.dataset.n);
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

let opener = null;

function show() {
  const hash = decodeURIComponent(location.hash.slice(1)) || "matrix";
  const [path, query = ""] = hash.split("?", 2);
  const scenario = /^scenario\/([^/]+)(?:\/(\d+))?(?:\/(\d+))?$/.exec(path);
  const target = scenario ? document.getElementById(`scenario/${scenario[1]}`) : document.getElementById(path);
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
