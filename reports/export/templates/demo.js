// The demo page: says what is to be done, does it step by step, and shows what every context tells.
// What the steps are is in steps.js.
"use strict";

const HOSTS = { here: "127.0.0.1", elsewhere: "localhost" }; // one web server, two sites
const QUIET_MS = 1000; // so long nothing must have happened before the next step is done
const LONGEST_MS = 30000;
const stage = { tabs: {}, frames: {}, documents: {} };
const waiting = new Set(); // for documents that load, and for contexts that do a step
let lacking = "";
let lastTold = performance.now();

const find = (id) => document.getElementById(id);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// ---- what is told

carrier.hear((message, sender) => {
  lastTold = performance.now();
  if (message.what === "ready") {
    stage.tabs[message.from] = sender.tab?.id;
    stage.frames[message.from] = sender.frameId;
    stage.documents[message.from] = sender.documentId;
    waiting.delete(`ready ${message.from}`);
  } else if (message.what === "lacks") {
    lacking = message.details;
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

function settle(quiet = QUIET_MS) {
  return new Promise((resolve) => {
    lastTold = performance.now();
    const look = () => (performance.now() - lastTold >= quiet ? resolve() : setTimeout(look, 50));
    look();
  });
}

function address({ file, site, kept = true }) {
  if (site === "extension") {
    return api.runtime.getURL(file);
  }
  const query = new URLSearchParams({ extension: api.runtime.getURL(""), ...(kept ? {} : { kept: "no" }) });
  return `http://${HOSTS[site]}:${find("port").value}/${file}?${query}`;
}

// Does something, and waits until each of these has said that it is ready, or did it.
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

const ready = (actors, load) => carrier.hearWhile(() => awaited("ready", actors, load));
const inExtension = (to, step) => awaited("did", [to], () => carrier.toExtension({ to, step, stage }));
const inContent = (to, step) => awaited("did", [to], () => carrier.toTab({ to, step, stage }, stage.tabs[to]));

// Firefox takes no one-time message to a page of the extension that is in a web page, unless it is for that tab.
const inExtensionFrame = (to, step) => awaited("did", [to], () => ask(to, null, step));

// What can be asked for that is the manifest's, and nothing of an API.
const BACKGROUNDS = {
  "background.stops": { stops: true, what: "a background that can be stopped" },
  "background.stays": { stops: false, what: "a persistent background" },
};

// Goes on only where the browser has what is asked for.
async function need(actor, path) {
  if (path in BACKGROUNDS) {
    const { manifest_version, background } = api.runtime.getManifest();
    const stops = manifest_version === 3 || background.persistent === false;
    lacking = stops === BACKGROUNDS[path].stops ? "" : BACKGROUNDS[path].what;
  } else {
    await awaited("did", [actor], () => ask(actor, { does: "need", path }));
  }
  if (lacking) {
    throw new Lacking(`This browser does not have ${lacking} in ${actor}: the rest does not apply to it.`);
  }
}

class Lacking extends Error {}

// To a document, wherever it is.
function ask(to, frame, step) {
  const message = { to, frame, step, stage, number: Math.random() };
  carrier.toExtension(message);
  carrier.toTab(message, stage.tabs[to]);
}

function openPage(place, actors, { newWindow = false, incognito = false } = {}) {
  const url = address(place);
  return ready(actors, () => (newWindow ? api.windows.create({ url, incognito }) : api.tabs.create({ url, active: false })));
}

const addFrame = (parent, name, place) => ready([name], () => ask(parent, { does: "add", name, url: address(place) }));
const removeFrame = (parent, name) => awaited("did", [parent], () => ask(parent, { does: "remove", name }));
const navigateFrame = (parent, name, to, place) => ready([to], () => ask(parent, { does: "navigate", name, to, url: address(place) }));
const rewrite = (name) => awaited("did", [name], () => ask(name, { does: "rewrite" }));
// A popup opens where the browser lets an extension open it, else when the person presses the extension's button.
async function openPopup(name, place) {
  const action = api.action ?? api.browserAction;
  await action.setPopup({ popup: address(place) });
  await ready([name], async () => {
    try {
      await action.openPopup();
    } catch (error) {
      addRow("", "by hand", `Press the extension's button: this browser does not open a popup by itself (${error}).`);
    }
  });
  await action.setPopup({ popup: "" });
}

// Both in the turn in which the person presses the step's button.
function openSidebar(name) {
  return ready([name], async () => {
    if (api.sidebarAction) {
      await api.sidebarAction.open();
    } else {
      await api.sidePanel.open({ windowId: (await windowOfDemo).id });
    }
  });
}

async function closeSidebar(name) {
  if (api.sidebarAction) {
    await api.sidebarAction.close();
  } else {
    await closePopup(name);
  }
}

const windowOfDemo = api.windows.getCurrent();
const closePopup = (name) => awaited("did", [name], () => ask(name, { does: "close" }));
const closeTab = (name) => api.tabs.remove(stage.tabs[name]);
const closeWindow = async (name) => api.windows.remove((await api.tabs.get(stage.tabs[name])).windowId);
const discard = (name) => api.tabs.discard(stage.tabs[name]);
const goBack = (name, to) => ready([to], () => ask(name, { does: "back" })); // tabs.goBack leaves out what nobody has clicked
const reload = (name) => ready([name], () => api.tabs.reload(stage.tabs[name]));

function navigate(name, to, place, { replacing = false } = {}) {
  const url = address(place);
  return ready([to], () => (replacing ? ask(name, { does: "replace", url }) : api.tabs.update(stage.tabs[name], { url })));
}

// ---- the page

const items = [];

async function doStep({ number, does, byHand, press }, item) {
  item.className = "now";
  item.scrollIntoView({ block: "nearest" });
  addRow("", "step", `${number}. ${STEPS.find((step) => step.number === number).says}`);
  try {
    if (byHand) {
      const button = item.querySelector("button");
      await new Promise((resolve) => button.addEventListener("click", () => resolve(press?.()), { once: true }));
    }
    await does?.();
    item.className = "done";
  } catch (error) {
    const applies = !(error instanceof Lacking);
    item.className = applies ? "failed" : "done";
    addRow("", applies ? "failed" : "does not apply", applies ? `${error}` : error.message);
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
      button.textContent = step.byHand && !step.press ? "It is done" : "Do it";
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
  } catch (error) {
    document.body.dataset.state = error instanceof Lacking ? "done" : "failed";
  }
}

find("version").textContent = navigator.userAgent;
find("all").addEventListener("click", doAll);
