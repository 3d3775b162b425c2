// The demo page: says what is to be done, does it step by step, and shows what every context tells.
// What the steps are is in steps.js.
"use strict";

const api = globalThis.browser ?? globalThis.chrome;
const HOSTS = { here: "127.0.0.1", elsewhere: "localhost" }; // one web server, two sites
const QUIET_MS = 1000; // so long nothing must have happened before the next step is done
const LONGEST_MS = 30000;
const stage = { tabs: {}, frames: {}, documents: {} };
const waiting = new Set(); // for documents that load, and for contexts that do a step
let lastTold = performance.now();

const find = (id) => document.getElementById(id);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// ---- what is told

api.runtime.onMessage.addListener((message, sender) => {
  if (message.to !== "demo") {
    return;
  }
  lastTold = performance.now();
  if (message.what === "ready") {
    stage.tabs[message.from] = sender.tab?.id;
    stage.frames[message.from] = sender.frameId;
    stage.documents[message.from] = sender.documentId;
    waiting.delete(`ready ${message.from}`);
  } else if (message.what === "did") {
    waiting.delete(`did ${message.from}`);
  } else {
    addRow(message.from, message.what, message.details);
  }
});

function addRow(...texts) {
  const row = find("told").insertRow();
  for (const text of texts) {
    row.insertCell().textContent = text;
  }
  row.className = texts[1];
}

// ---- what the steps in steps.js are made of

function settle() {
  return new Promise((resolve) => {
    lastTold = performance.now();
    const look = () => (performance.now() - lastTold >= QUIET_MS ? resolve() : setTimeout(look, 50));
    look();
  });
}

function address({ file, site }) {
  if (site === "extension") {
    return api.runtime.getURL(file);
  }
  const query = new URLSearchParams({ extension: api.runtime.getURL("") });
  return `http://${HOSTS[site]}:${find("port").value}/${file}?${query}`;
}

// Does something, and waits until each of these has said that it is ready, or did it. (The answers of sendMessage are no
// sign: some versions never give one where a context of the tab has ended.)
async function awaited(sign, actors, act) {
  const wanted = actors.map((actor) => `${sign} ${actor}`);
  wanted.forEach((each) => waiting.add(each));
  await act();
  for (const end = performance.now() + LONGEST_MS; wanted.some((each) => waiting.has(each)); await pause(20)) {
    if (performance.now() > end) {
      const missing = wanted.filter((each) => waiting.has(each)).join(", ");
      throw new Error(`no sign of: ${missing}. Is the web server running? Does the extension have the permission for its pages?`);
    }
  }
}

const ready = (actors, load) => awaited("ready", actors, load);

const toExtension = (message) => void api.runtime.sendMessage(message).catch(() => {});
const toTab = (message) => void api.tabs.sendMessage(stage.tabs[message.to], message).catch(() => {});

const inExtension = (to, step) => awaited("did", [to], () => toExtension({ to, step, stage }));
const inContent = (to, step) => awaited("did", [to], () => toTab({ to, step, stage }));

// To a document, wherever it is.
function ask(to, frame) {
  toExtension({ to, frame, stage });
  toTab({ to, frame, stage });
}

function openPage(place, actors, { newWindow = false, incognito = false } = {}) {
  const url = address(place);
  return ready(actors, () => (newWindow ? api.windows.create({ url, incognito }) : api.tabs.create({ url, active: false })));
}

const addFrame = (parent, name, place) => ready([name], () => ask(parent, { does: "add", name, url: address(place) }));
const removeFrame = (parent, name) => awaited("did", [parent], () => ask(parent, { does: "remove", name }));
const navigateFrame = (parent, name, to, place) => ready([to], () => ask(parent, { does: "navigate", name, to, url: address(place) }));
const rewrite = (name) => awaited("did", [name], () => ask(name, { does: "rewrite" }));
const closeTab = (name) => api.tabs.remove(stage.tabs[name]);
const closeWindow = async (name) => api.windows.remove((await api.tabs.get(stage.tabs[name])).windowId);
const discard = (name) => api.tabs.discard(stage.tabs[name]);
const goBack = (name, to) => ready([to], () => api.tabs.goBack(stage.tabs[name]));
const reload = (name) => ready([name], () => api.tabs.reload(stage.tabs[name]));

function navigate(name, to, place, { replacing = false } = {}) {
  const url = address(place);
  return ready([to], () => (replacing ? ask(name, { does: "replace", url }) : api.tabs.update(stage.tabs[name], { url })));
}

// ---- the page

const items = [];

async function doStep({ number, does, byHand }, item) {
  item.className = "now";
  item.scrollIntoView({ block: "nearest" });
  addRow("", "step", `${number}. ${STEPS.find((step) => step.number === number).says}`);
  try {
    if (byHand) {
      await new Promise((resolve) => item.querySelector("button").addEventListener("click", resolve, { once: true }));
    }
    await does?.();
    item.className = "done";
  } catch (error) {
    item.className = "failed";
    addRow("", "failed", `${error}`);
    throw error;
  }
}

function listSteps() {
  for (const step of STEPS) {
    const item = find("steps").appendChild(document.createElement("li"));
    item.value = step.number;
    item.textContent = `${step.says} `;
    if (step.byHand) {
      const asked = item.appendChild(document.createElement("em"));
      asked.textContent = `By hand: ${step.byHand} `;
    }
    if (step.does || step.byHand) {
      const button = item.appendChild(document.createElement("button"));
      button.textContent = step.byHand ? "It is done" : "Do it";
      if (!step.byHand) {
        button.addEventListener("click", () => doStep(step, item).catch(() => {}));
      }
    }
    items.push(item);
  }
}

async function doAll() {
  find("all").disabled = true;
  document.body.dataset.state = "running";
  try {
    for (const [index, step] of STEPS.entries()) {
      await doStep(step, items[index]);
    }
    document.body.dataset.state = "done";
  } catch {
    document.body.dataset.state = "failed";
  }
}

find("version").textContent = navigator.userAgent;
find("all").addEventListener("click", doAll);
