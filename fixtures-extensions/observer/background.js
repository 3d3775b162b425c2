// The observer: it owns the connection to the collector, passes commands to the puppets and takes their events.
// It is another extension than the subject, so nothing here reaches the subject's listeners.
"use strict";

const api = globalThis.browser ?? globalThis.chrome;
const collector = api.runtime.connectNative("portolan.observer");

const routes = new Map(); // incarnation -> the port that leads to it
const waiting = new Map(); // barrier id -> {left: Set of incarnations, counters, dead}
const twins = new Map(); // name -> port of a native application of the observer's own
const living = new Set(); // the channels whose documents or backgrounds are there
let channels = 0;

const tell = (envelope) => collector.postMessage(envelope);

// ---- channels

function answerOf(envelope) {
  const [barrier] = String(envelope.re).split("/");
  const round = waiting.get(barrier);
  if (!round) {
    tell(envelope);
    return;
  }
  round.left.delete(envelope.incarnation);
  if (envelope.dead) {
    round.dead.push(envelope.incarnation);
  } else {
    round.counters[envelope.incarnation] = envelope.counter;
  }
  closeRound(barrier, round);
}

function closeRound(barrier, round) {
  if (round.left.size === 0) {
    waiting.delete(barrier);
    tell({ kind: "answer", re: barrier, counters: round.counters, dead: round.dead });
  }
}

function onEnvelope(port, channel, place, envelope) {
  switch (envelope.kind) {
    case "hello":
      routes.set(envelope.incarnation, port);
      tell({ ...envelope, ...place, channel });
      break;
    case "answer":
      answerOf(envelope);
      break;
    default:
      tell({ ...envelope, channel });
  }
}

function onGone(port, channel) {
  void api.runtime.lastError;
  const incarnations = [...routes].filter(([, route]) => route === port).map(([incarnation]) => incarnation);
  for (const incarnation of incarnations) {
    routes.delete(incarnation);
    for (const [barrier, round] of waiting) {
      if (round.left.delete(incarnation)) {
        round.dead.push(incarnation);
        closeRound(barrier, round);
      }
    }
  }
  living.delete(channel);
  tell({ kind: "gone", channel, by: "document", incarnations });
}

const MOST_TRIES = 50;

function openTwin(channel, place, tries = 1) {
  const { tab, frame } = place;
  const twin = api.tabs.connect(tab, { frameId: frame, name: "twin" });
  let accepted = false;
  twin.onMessage.addListener(() => {
    accepted = true;
    tell({ ...place, kind: "twin", channel });
  });
  twin.onDisconnect.addListener(() => {
    void api.runtime.lastError;
    if (!accepted && living.has(channel) && tries < MOST_TRIES) {
      openTwin(channel, place, tries + 1); // the document was too young to be found
    } else {
      tell({ kind: "gone", channel, by: "observer", incarnations: [] });
    }
  });
}

function onChannel(port, inFrame) {
  channels += 1;
  const channel = channels;
  living.add(channel);
  const { sender } = port;
  const place = { tab: sender.tab?.id ?? null, frame: sender.frameId ?? null, documentId: sender.documentId ?? null };
  port.onMessage.addListener((envelope) => onEnvelope(port, channel, place, envelope));
  port.onDisconnect.addListener(() => onGone(port, channel));
  if (inFrame && place.tab !== null) {
    openTwin(channel, place);
  } else {
    port.postMessage({ do: "welcome" });
  }
}

api.runtime.onConnect.addListener((port) => onChannel(port, true));
api.runtime.onConnectExternal.addListener((port) => onChannel(port, false));

// ---- commands of the runner

const commands = {
  send({ id, to, command }) {
    try {
      routes.get(to).postMessage({ ...command, to, id });
    } catch {
      answerOf({ kind: "answer", incarnation: to, re: id, dead: true }); // no such route, or its port has just ended
    }
  },

  barrier({ id, to }) {
    const round = { left: new Set(to), counters: {}, dead: [] };
    waiting.set(id, round);
    for (const incarnation of to) {
      commands.send({ id: `${id}/${incarnation}`, to: incarnation, command: { do: "sync" } });
    }
    closeRound(id, round);
  },

  // How much is remembered: nothing of it may grow with the number of plays.
  sizes() {
    return { routes: routes.size, living: living.size, waiting: waiting.size, twins: twins.size };
  },

  // Who has not answered a barrier yet.
  missing({ barrier }) {
    return { missing: [...(waiting.get(barrier)?.left ?? [])] };
  },

  // Ask each extension to open its channel, starting its background where it is stopped.
  async wake({ extensions }) {
    for (const extension of extensions) {
      api.runtime.sendMessage(extension, "portolan-wake").catch(() => {});
    }
  },

  async openTab({ url, active }) {
    const tab = await api.tabs.create({ url, active });
    return { tab: tab.id };
  },

  async openWindow({ url, incognito }) {
    if (incognito && !(await api.extension.isAllowedIncognitoAccess())) {
      return { lacking: "extensions that are allowed in private windows" };
    }
    const { id, tabs } = await api.windows.create({ url, incognito });
    return { window: id, tab: tabs[0].id };
  },

  async closeWindow({ tab }) {
    const { windowId } = await api.tabs.get(tab);
    await api.windows.remove(windowId);
  },

  // Firefox's promise is kept when the window has gone. Windows that are gone already are no news.
  async closeWindows({ windows }) {
    await Promise.allSettled(windows.map((window) => api.windows.remove(window)));
  },

  // Chromium before 133 shows the discarded page as another tab.
  async discardTab({ tab }) {
    const discarded = await api.tabs.discard(tab);
    return { tab: discarded?.id ?? tab };
  },

  async updateTab({ tab, url }) {
    await api.tabs.update(tab, { url });
  },

  // lenient: tabs that are gone already are no news.
  async closeTabs({ tabs, lenient }) {
    const removals = tabs.map((tab) => api.tabs.remove(tab));
    await (lenient ? Promise.allSettled(removals) : Promise.all(removals));
  },

  async listTabs() {
    const tabs = await api.tabs.query({});
    return { tabs: tabs.map(({ id, url }) => ({ id, url })) };
  },

  ping() {},

  // Which of these extensions are there and enabled (Chromium: only there has the observer the permission to ask).
  async installed({ extensions }) {
    const all = await api.management.getAll();
    return { installed: all.filter(({ id, enabled }) => enabled && extensions.includes(id)).map(({ id }) => id) };
  },

  // A native application of the observer's own, beside the scenario's: it meets the same fate a moment later, so its
  // end is the sign that the browser has seen the other's.
  openTwinApplication({ host, twin }) {
    const port = api.runtime.connectNative(host);
    twins.set(twin, port);
    port.onMessage.addListener((message) => tell({ kind: "twin-message", twin, message }));
    port.onDisconnect.addListener(() => {
      const error = port.error?.message ?? api.runtime.lastError?.message ?? null;
      twins.delete(twin);
      tell({ kind: "twin-gone", twin, error });
    });
  },

  tellTwinApplication({ twin, message }) {
    twins.get(twin)?.postMessage(message);
  },

  closeTwinApplication({ twin }) {
    twins.get(twin)?.disconnect();
    twins.delete(twin);
  },
};

const answeredLater = ["send", "barrier"];

collector.onMessage.addListener(async (command) => {
  if (answeredLater.includes(command.do)) {
    commands[command.do](command);
    return;
  }
  const answer = { kind: "answer", re: command.id };
  try {
    Object.assign(answer, await commands[command.do](command));
  } catch (error) {
    answer.failed = `${command.do}: ${error?.message ?? error}`;
  }
  tell(answer);
});

api.tabs.onUpdated.addListener((tab, { status }, { url }) => {
  if (status) {
    tell({ kind: "tab", tab, status, url });
  }
});

tell({ kind: "observer", agent: navigator.userAgent });
