// What every context of this demo has: it does a step when the demo page says so, and tells the demo page what it sees.
// Both go by one-time messages, which have nothing to do with ports.
"use strict";

const api = globalThis.browser ?? globalThis.chrome;
const steps = {}; // by their numbers
const names = new WeakMap(); // of ports that listeners were given
let me = "";
let stage = { tabs: {}, frames: {}, documents: {} }; // the ids of the other documents, by name

function beginAs(name) {
  me = name;
  api.runtime.onMessage.addListener((message) => {
    if (message.to === me) {
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
  // Without a demo page that is open, nobody is told.
  api.runtime.sendMessage({ to: "demo", from: me, what, details }).catch(() => {});
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
  replace({ url }) {
    location.replace(url);
  },
  rewrite() {
    document.open();
    document.close();
  },
};
