// What every context of this demo has: it does a step when the demo page says so, and tells the demo page what it sees.
// How both go is in carrier.js.
"use strict";

// The id of another extension, where one has a part in this: write your own here. Chromium takes only what could be one.
const PEER = globalThis.mozInnerScreenX === undefined && !globalThis.browser?.runtime.getBrowserInfo ? "ponmlkjihgfedcbaponmlkjihgfedcba" : "peer@example.org";
const steps = {}; // by their numbers
const names = new WeakMap(); // of ports that listeners were given
let me = "";
let last = 0; // the number of what was asked last: it may come twice
let stage = { tabs: {}, frames: {}, documents: {} }; // the ids of the other documents, by name

function beginAs(name) {
  me = name;
  carrier.obey((message) => {
    if (message?.to === me && !(message.number && message.number === last)) {
      last = message.number;
      stage = message.stage;
      try {
        message.frame ? frames[message.frame.does](message.frame) : steps[message.step]();
      } finally {
        tell("did");
      }
    }
  });
}

function ready() {
  tell("ready");
}

// A document that comes back from the back/forward cache is what it was, and runs no script anew.
globalThis.addEventListener("pageshow", (event) => event.persisted && ready());

function tell(what, details = "") {
  carrier.tell({ from: me, what, details });
}

function attempt(words, call) {
  try {
    const result = call();
    tell("returns", words);
    return result;
  } catch (error) {
    tell("throws", `${words}: ${error}`);
  }
}

// A one-time message, or a question to the browser. What comes of it may come much later.
function ask(words, call) {
  const rejected = (error) => tell("rejection", `${words}: ${error}`);
  try {
    call().then((answer) => tell("answer", `${words}: ${show(answer)}`), rejected);
  } catch (error) {
    rejected(error);
  }
}

// The same with a callback of `chrome`. reads: what it looks at.
function askBack(words, call, reads) {
  const callback = (answer) => {
    const seen = reads.map((path) => `${path} is ${show(at(chrome, path))}`);
    tell("answer", [`${words}: ${show(answer)}`, ...seen].join(", "));
  };
  try {
    call(callback);
  } catch (error) {
    tell("rejection", `${words}: ${error}`);
  }
}

function nameIt(port, name) {
  names.set(port, name);
}

function nameOf(port) {
  return names.get(port) ?? "port";
}

// Why a port ended: Firefox says it in port.error, Chromium in runtime.lastError.
function reasons(port) {
  return `port.error is ${show(port?.error)}, runtime.lastError is ${show(api.runtime.lastError)}`;
}

function show(value) {
  if (value instanceof Error || typeof value?.message === "string") {
    return `an error (${value.message})`;
  }
  try {
    const shown = JSON.stringify(value) ?? String(value);
    return shown.length > 300 ? `${shown.slice(0, 300)}… (${shown.length} characters)` : shown;
  } catch {
    return Object.prototype.toString.call(value);
  }
}

// A listener that is removed, or added once more.
function listener(event, does) {
  return {
    addListener: () => event.addListener(does),
    removeListener: () => event.removeListener(does),
  };
}

function at(root, path) {
  return path.split(".").reduce((found, key) => (key ? found?.[key] : found), root);
}

function describe(object) {
  return Object.entries(Object.getOwnPropertyDescriptors(object ?? {}))
    .map(([key, { writable = false, enumerable }]) => `${key}: ${typeof object[key]}${writable ? ", writable" : ""}${enumerable ? ", enumerable" : ""}`)
    .join("; ");
}

function nested(depth) {
  let value = [];
  for (let i = 1; i < depth; i++) {
    value = [value];
  }
  return value;
}

function count(port) {
  let received = 0;
  port.onMessage.addListener((message) => {
    if (message !== received) {
      tell("note", `message ${received} is ${show(message)}`);
    }
    received += 1;
    if (received % 1000 === 0) {
      tell("note", `${received} messages`);
    }
  });
}

// Many ports, of which only numbers are told.
const tallies = {}; // by name

function tallyOf(name) {
  tallies[name] ??= { ports: 0, heard: 0, ended: 0 };
  return tallies[name];
}

function counted(tally, port, heard) {
  tally.ports += 1;
  port.onMessage.addListener((message) => {
    tally.heard += 1;
    heard?.(message);
  });
  port.onDisconnect.addListener(() => {
    void api.runtime.lastError;
    tally.ended += 1;
  });
}

function connectMany(name, count, connect) {
  for (let i = 0; i < count; i++) {
    const port = connect();
    counted(tallyOf(name), port);
    port.postMessage(i);
  }
}

function welcomeMany(name) {
  api.runtime.onConnect.addListener((port) => counted(tallyOf(name), port, (message) => port.postMessage(message)));
}

// A background's own end. hold: its listener of onSuspend keeps the browser waiting.
function hearEnd(hold) {
  api.runtime.onSuspend?.addListener(() => {
    tell("onSuspend");
    return hold ? new Promise(() => {}) : undefined;
  });
  api.runtime.onSuspendCanceled?.addListener(() => tell("onSuspendCanceled"));
  if (globalThis.document) {
    addEventListener("pagehide", () => tell("pagehide"));
  }
}

// What the demo page asks of the document that a frame is in.
const frames = {
  add({ name, url }) {
    const frame = document.createElement("iframe");
    frame.name = name;
    frame.src = url;
    document.body.append(frame);
  },
  remove({ name }) {
    document.querySelector(`iframe[name="${name}"]`).remove();
  },
  navigate({ name, to, url }) {
    const frame = document.querySelector(`iframe[name="${name}"]`);
    frame.name = to;
    frame.src = url;
  },
  need({ path }) {
    const names = path.split(".");
    const root = ["browser", "chrome"].includes(names[0]) ? globalThis : api;
    if (at(root, path) === undefined) {
      tell("lacks", path);
    }
  },
  close() {
    window.close();
  },
  back() {
    history.back();
  },
  replace({ url }) {
    location.replace(url);
  },
  rewrite() {
    document.open();
    document.close();
  },
};
