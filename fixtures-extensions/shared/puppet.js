// The puppet: does the ops of a scenario in this context and records what comes of them.
// It wraps and patches nothing: it records around its own calls and inside its own listeners.
// Events of one turn are kept until the turn's last call is done, so that nothing of ours stands between two calls.
"use strict";

globalThis.portolan ??= {};

{
  const MOST_EVENTS = 50000; // in one play: two ports that answer each other never end by themselves
  const HIDDEN = ["constructor", "arguments", "caller", "prototype"]; // of no interest, or not to be read
  const COUNTED = 1000; // messages, of those that are only counted
  const THIS_PORT = "@port";
  const NAMESPACES = ["browser", "chrome"];
  const ON_MESSAGE = ["runtime.onMessage", "runtime.onMessageExternal"]; // one-time messages
  const ON_CONNECT = ["runtime.onConnect", "runtime.onConnectExternal", "runtime.onUserScriptConnect"];

  const actorOf = ({ extension }) => (extension === "peer" ? "peer" : "background");

  const lookUp = (root, path) => path.split(".").reduce((at, key) => at?.[key], root);

  const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

  class Puppet {
    // role: {context, extension?, document?, play?}. api: `browser` or `chrome`, or {} where there is neither.
    // channel: {send(envelope)}; the channel calls receive() with each command and forgets answers it cannot send.
    constructor(role, api) {
      this.role = role;
      this.api = api;
      this.incarnation = crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].join("-");
      this.counter = 0;
      this.outbox = [];
      this.topLevel = new Map();
      this.reset(role.play ?? null);
    }

    reset(play) {
      this.play = play;
      this.recorded = 0;
      this.ports = new Map();
      this.names = new Map();
      // What a play has added to the API's own events goes with it: a background serves the next play, too.
      for (const { target, handler } of this.listeners?.values() ?? []) {
        target.removeListener(handler);
      }
      this.listeners = new Map();
      this.arrivals = new Map();
      this.tallies = new Map();
    }

    hello() {
      return { kind: "hello", incarnation: this.incarnation, role: this.role, counter: this.counter, url: location.href };
    }

    // ---- recording

    record(play, phase, operation, more = {}) {
      this.recorded += 1;
      if (this.recorded > MOST_EVENTS) {
        return;
      }
      const flood = this.recorded === MOST_EVENTS;
      this.counter += 1;
      const event = flood ? { phase: "note", operation: "flood" } : { phase, operation, ...more };
      this.outbox.push({ play, n: this.counter, t: Date.now(), ...event });
    }

    flush() {
      if (this.outbox.length) {
        const events = this.outbox;
        this.outbox = [];
        this.channel.send({ kind: "events", incarnation: this.incarnation, events });
      }
    }

    encode(value) {
      return portolan.encode(value, (object) => this.names.get(object));
    }

    property(object, key) {
      return key in object ? this.encode(object[key]) : { $: "absent" };
    }

    snapshot(port) {
      return { name: this.property(port, "name"), sender: this.property(port, "sender"), error: this.property(port, "error") };
    }

    // ---- commands

    // Answers in the same turn, but for the few commands that take longer.
    receive(command) {
      const answer = { kind: "answer", incarnation: this.incarnation, re: command.id };
      const reply = (more) => {
        this.flush();
        this.channel.send({ ...answer, ...more, counter: this.counter });
      };
      try {
        const result = this[`do_${command.do}`](command);
        if (result instanceof Promise) {
          result.then(reply, (error) => reply({ failed: `${error}` }));
        } else {
          reply(result);
        }
      } catch (error) {
        reply({ failed: `${error}` });
      }
    }

    do_sync() {}

    do_hold() {} // the channel does it, behind the answer

    do_task({ ops }) {
      this.perform(ops, {});
    }

    // A play begins in a background that serves one play after another.
    do_begin({ play, listeners }) {
      this.reset(play);
      for (const event of ON_CONNECT) {
        this.setTopLevel(event, listeners.find((listener) => listener.event === event) ?? null);
      }
    }

    // A background that was started in the middle of a play takes its part in it.
    do_join({ play, listeners }) {
      this.play = play;
      for (const { event, ...rest } of listeners) {
        this.setTopLevel(event, rest);
      }
    }

    do_end() {
      for (const { target, handler } of this.listeners.values()) {
        if (target === this.api.runtime?.onMessage) {
          target.removeListener(handler); // else it would be a receiver of the next play's messages
        }
      }
      const many = [...this.tallies.values()].flatMap(({ ports }) => ports);
      for (const port of [...this.names.keys(), ...many]) {
        try {
          port.disconnect();
        } catch {
          // It is gone already, or its extension is.
        }
      }
      this.reset(null);
    }

    // Whatever this context has caused in the browser's console before is there when this is.
    do_mark({ text }) {
      reportError(new Error(text));
    }

    do_addFrame({ name, url }) {
      const frame = document.createElement("iframe");
      frame.name = name;
      frame.src = url;
      document.body.append(frame);
    }

    do_removeFrame({ name }) {
      this.frame(name).remove();
    }

    do_navigateFrame({ name, url, successor }) {
      const frame = this.frame(name);
      frame.name = successor;
      frame.src = url;
    }

    do_replaceLocation({ url }) {
      location.replace(url);
    }

    // Takes every listener of this document and its window away, the channels' among them (observer/frame.js).
    do_rewriteDocument() {
      const { title } = document;
      document.open();
      document.close();
      document.title = title;
    }

    do_reload() {
      location.reload();
    }

    do_goBack() {
      history.back();
    }

    // A page of the extension as the popup of its button; {lacking: why} where this browser does not open it by itself.
    async do_openPopup({ url }) {
      const action = this.api.action ?? this.api.browserAction;
      if (!action?.openPopup) {
        return { lacking: "action.openPopup in background" };
      }
      await action.setPopup({ popup: url });
      try {
        await this.promised(action, "openPopup");
      } catch (error) {
        return { lacking: `a popup that opens without a click (${error.message})` };
      }
      return {};
    }

    // A page of the extension as its sidebar (Firefox) or side panel (Chromium), which is opened from outside.
    async do_prepareSidebar({ url }) {
      const { sidebarAction, sidePanel } = this.api;
      if (sidebarAction) {
        await sidebarAction.setPanel({ panel: url });
      } else if (sidePanel?.open) {
        await sidePanel.setOptions({ path: url.replace(location.origin, "").slice(1), enabled: true });
      } else {
        return { lacking: "sidebarAction or sidePanel.open in background" };
      }
      return {};
    }

    // Call a function of the API without arguments; a promise, also where it takes a callback in place of giving one.
    promised(target, name) {
      if (this.hasPromises()) {
        return target[name]();
      }
      return new Promise((resolve, reject) => {
        target[name](() => {
          const { lastError } = this.api.runtime;
          return lastError ? reject(new Error(lastError.message)) : resolve();
        });
      });
    }

    do_closeWindow() {
      window.close();
    }

    do_openTab({ url }) {
      this.api.tabs.create({ url, active: false });
    }

    frame(name) {
      const frame = [...document.querySelectorAll("iframe")].find((element) => element.name === name);
      if (!frame) {
        throw new Error(`no frame is named ${name}`);
      }
      return frame;
    }

    // ---- ops

    perform(ops, scope) {
      for (const op of ops) {
        const { play = this.play } = scope;
        if (op.op !== "connect" && op.port && !this.portOf(op.port, scope)) {
          this.record(play, "note", "no-port", { port: this.nameOf(op.port, scope), value: op.op });
        } else {
          this[`op_${camel(op.op)}`](op, { ...scope, play });
        }
      }
    }

    // Record a call, make it, record what came of it.
    attempt(play, operation, more, args, call) {
      this.record(play, "call", operation, { ...more, value: args.map((arg) => this.encode(arg)) });
      let result;
      try {
        result = call();
      } catch (error) {
        this.record(play, "throw", operation, { ...more, value: this.encode(error) });
        return undefined;
      }
      return { result };
    }

    portOf(name, scope) {
      return name === THIS_PORT ? scope.port : this.ports.get(name);
    }

    nameOf(name, scope) {
      return name === THIS_PORT ? scope.portName : name;
    }

    decode(args, scope) {
      return args.map((arg) => portolan.decode(arg, { argument: () => scope.argument }));
    }

    keep(name, port) {
      this.ports.set(name, port);
      if (!this.names.has(port)) {
        this.names.set(port, name);
      }
    }

    op_connect({ port: name, api, args = [] }, { play, ...scope }) {
      const values = this.decode(args, scope);
      const more = { port: name };
      const made = this.attempt(play, api, more, values, () => {
        const [, owner, method] = /^(.*)\.([^.]*)$/.exec(api);
        return lookUp(this.api, owner)[method](...values);
      });
      if (made) {
        if (typeof made.result?.postMessage === "function") {
          this.keep(name, made.result);
          this.record(play, "return", api, { ...more, value: this.snapshot(made.result) });
        } else {
          this.record(play, "return", api, { ...more, value: this.encode(made.result) });
        }
      }
    }

    op_post({ port: name, args = [] }, { play, ...scope }) {
      const port = this.portOf(name, scope);
      const values = this.decode(args, scope);
      const more = { port: this.nameOf(name, scope) };
      const made = this.attempt(play, "postMessage", more, values, () => port.postMessage(...values));
      if (made) {
        this.record(play, "return", "postMessage", { ...more, value: this.encode(made.result) });
      }
    }

    op_disconnect({ port: name }, { play, ...scope }) {
      const port = this.portOf(name, scope);
      const more = { port: this.nameOf(name, scope) };
      const made = this.attempt(play, "disconnect", more, [], () => port.disconnect());
      if (made) {
        this.record(play, "return", "disconnect", { ...more, value: this.encode(made.result) });
      }
    }

    // A one-time message. Its answer may come in a later turn.
    op_ask({ name, api, args = [], how }, { play, ...scope }) {
      const values = this.decode(args, scope);
      const [, owner, method] = /^(.*)\.([^.]*)$/.exec(api);
      const promised = how === "promise" || !how;
      const root = promised ? this.api : globalThis.chrome;
      const tell = (operation, more) => {
        this.record(play, "fire", operation, { listener: name, ...more });
        this.flush();
      };
      const rejected = (error) => tell("rejection", { value: this.encode(error) });
      const callback = (value) => {
        if (how === "both") {
          this.record(play, "note", "extension.lastError", { listener: name, value: this.compared(root) });
        }
        const more = how === "unread" ? {} : { last_error: this.encode(root.runtime.lastError) };
        tell("answer", { value: this.encode(value), ...more });
      };
      const settled = (value) => (root.runtime.lastError ? rejected(root.runtime.lastError) : tell("answer", { value: this.encode(value) }));
      const given = !promised ? [callback] : this.hasPromises() ? [] : [settled];
      this.record(play, "call", api, { listener: name, value: values.map((value) => this.encode(value)) });
      try {
        const promise = lookUp(root, owner)[method](...values, ...given);
        if (!given.length) {
          promise.then((value) => tell("answer", { value: this.encode(value) }), rejected);
        }
      } catch (error) {
        rejected(error);
      }
    }

    // What extension.lastError is at this moment, beside runtime.lastError.
    compared({ runtime, extension = {} }) {
      return { error: this.property(extension, "lastError"), same: extension.lastError === runtime.lastError };
    }

    // Manifest V2 in an older Chromium gives none, and tells a callback what they would tell.
    hasPromises() {
      return Boolean(globalThis.browser) || this.api.runtime.getManifest?.().manifest_version !== 2;
    }

    op_read({ port: name, path }, { play, ...scope }) {
      const port = this.portOf(name, scope);
      this.record(play, "note", path, { port: this.nameOf(name, scope), value: this.property(port, path) });
    }

    op_probe({ path }, { play }) {
      const root = NAMESPACES.includes(path.split(".")[0]) ? globalThis : this.api;
      let type = "throws"; // what Chromium 120 does for an API that a person has not allowed
      try {
        const found = lookUp(root, path);
        type = found === null ? "null" : typeof found;
      } catch {
        // Reading it throws.
      }
      this.record(play, "note", "probe", { value: { path, type } });
    }

    op_describe({ path = "", port: name }, { play, ...scope }) {
      const root = name ? this.portOf(name, scope) : this.api;
      const described = this.describe(path ? lookUp(root, path) : root);
      const more = name ? { port: this.nameOf(name, scope) } : {};
      this.record(play, "note", path ? `describe ${path}` : "describe", { ...more, value: described });
    }

    describe(object) {
      const properties = {};
      const ends = [null, Object.prototype, Function.prototype];
      for (let at = object; !ends.includes(at) && Object.getPrototypeOf(at); at = Object.getPrototypeOf(at)) {
        for (const key of Object.getOwnPropertyNames(at).filter((name) => !HIDDEN.includes(name) && !Object.hasOwn(properties, name))) {
          const { writable = false, enumerable, configurable } = Object.getOwnPropertyDescriptor(at, key);
          const found = object[key];
          const more = typeof found === "function" ? { length: found.length } : {};
          properties[key] = { own: at === object, writable, enumerable, configurable, type: typeof found, ...more };
        }
      }
      return { type: typeof object, keys: Object.keys(object ?? {}), properties };
    }

    op_postMany({ port: name, count }, { play, ...scope }) {
      const port = this.portOf(name, scope);
      const more = { port: this.nameOf(name, scope) };
      const made = this.attempt(play, "postMany", more, [count], () => {
        for (let i = 0; i < count; i++) {
          port.postMessage(i);
        }
      });
      if (made) {
        this.record(play, "return", "postMany", { ...more, value: { $: "undefined" } });
      }
    }

    op_count({ port: name }, { play, ...scope }) {
      const more = { port: this.nameOf(name, scope) };
      let count = 0;
      let in_order = true;
      this.portOf(name, scope).onMessage.addListener((message) => {
        in_order &&= message === count;
        count += 1;
        if (count % COUNTED === 0) {
          this.record(play, "note", "count", { ...more, value: { count, in_order } });
          this.flush();
        }
      });
    }

    // ---- many ports, of which only numbers are kept

    tally(group) {
      const tally = this.tallies.get(group) ?? { ports: [], heard: 0, ended: 0 };
      this.tallies.set(group, tally);
      return tally;
    }

    count(tally, port) {
      tally.ports.push(port);
      port.onDisconnect.addListener(() => {
        void this.api.runtime.lastError;
        tally.ended += 1;
      });
    }

    op_connectMany({ group, api, args = [], count }, { play, ...scope }) {
      const values = this.decode(args, scope);
      const tally = this.tally(group);
      const [, owner, method] = /^(.*)\.([^.]*)$/.exec(api);
      const made = this.attempt(play, "connectMany", {}, [api, count], () => {
        for (let i = 0; i < count; i++) {
          const port = lookUp(this.api, owner)[method](...values);
          this.count(tally, port);
          port.onMessage.addListener(() => {
            tally.heard += 1;
          });
          port.postMessage(i);
        }
      });
      if (made) {
        this.record(play, "return", "connectMany", { value: { $: "undefined" } });
      }
    }

    op_welcomeMany({ group }) {
      const tally = this.tally(group);
      const target = this.api.runtime.onConnect;
      const handler = (port) => {
        this.count(tally, port);
        port.onMessage.addListener((message) => {
          tally.heard += 1;
          port.postMessage(message);
        });
      };
      this.listeners.set(group, { target, handler });
      target.addListener(handler);
    }

    op_tally({ group }, { play }) {
      const { ports, heard, ended } = this.tally(group);
      this.record(play, "note", "tally", { value: { ports: ports.length, heard, ended } });
    }

    op_pushState({ fragment }, { play }) {
      history.pushState(null, "", `${location.href}#${fragment}`);
      this.record(play, "note", "pushState", { value: location.href });
    }

    op_setGlobal({ name, args: [value] }, scope) {
      [globalThis[name]] = this.decode([value], scope);
    }

    op_readGlobal({ name }, { play }) {
      this.record(play, "note", `globalThis.${name}`, { value: this.property(globalThis, name) });
    }

    op_throw() {} // the reaction's last: see react()

    // ---- listeners

    op_listen({ listener, event, port: name, then = [], answers = [] }, { play, ...scope }) {
      const port = name ? this.portOf(name, scope) : null;
      const portName = name ? this.nameOf(name, scope) : null;
      const id = listener.replace(THIS_PORT, portName ?? "");
      const target = port ? port[event] : lookUp(this.api, event);
      const told = (message, sender, sendResponse) => {
        this.record(play, "fire", event, { listener: id, value: this.encode(message) });
        this.flush();
        this.decode(answers, scope).forEach((answer) => sendResponse(answer));
      };
      const connected = () => this.connectHandler(() => ({ play, id, event, then }));
      const handler = ON_MESSAGE.includes(event) ? told : port ? this.portHandler({ play, id, event, port, portName, then }) : connected();
      this.listeners.set(id, { target, handler });
      target.addListener(handler);
    }

    // A background's listening to its own end. It goes with the play, as every listener that a play adds.
    op_hearEnd({ hold }, { play }) {
      const { onSuspend, onSuspendCanceled } = this.api.runtime;
      const page = globalThis.document && {
        addListener: (handler) => addEventListener("pagehide", handler),
        removeListener: (handler) => removeEventListener("pagehide", handler),
      };
      const targets = { "runtime.onSuspend": onSuspend, "runtime.onSuspendCanceled": onSuspendCanceled, pagehide: page };
      for (const [event, target] of Object.entries(targets).filter(([, target]) => target)) {
        const id = `${actorOf(this.role)}.${event}`;
        const handler = () => {
          this.record(play, "fire", event, { listener: id });
          this.flush();
          return hold && event === "runtime.onSuspend" ? new Promise(() => {}) : undefined;
        };
        this.listeners.set(id, { target, handler });
        target.addListener(handler);
      }
    }

    op_unlisten({ listener }, { play, ...scope }) {
      const id = listener.replace(THIS_PORT, scope.portName ?? "");
      for (const [event, entry] of this.topLevel) {
        if (entry.on && entry.current.listener === id) {
          this.setTopLevel(event, null);
          this.record(play, "note", "removeListener", { listener: id, value: this.encode(entry.target.hasListener?.(entry.handler)) });
          return;
        }
      }
      const { target, handler } = this.listeners.get(id);
      target.removeListener(handler);
      this.record(play, "note", "removeListener", { listener: id, value: this.encode(target.hasListener?.(handler)) });
    }

    op_relisten({ listener }, { play, ...scope }) {
      const id = listener.replace(THIS_PORT, scope.portName ?? "");
      const { target, handler } = this.listeners.get(id);
      target.addListener(handler);
      this.record(play, "note", "addListener", { listener: id, value: this.encode(target.hasListener?.(handler)) });
    }

    portHandler({ play, id, event, port, portName, then }) {
      return (...args) => {
        const more = { port: portName, listener: id, value: this.encode(args[0]) };
        if (args.length > 1) {
          more.rest = args.slice(1).map((arg) => this.encode(arg));
        }
        if (event === "onDisconnect") {
          more.error = this.property(port, "error");
          more.last_error = this.encode(this.api.runtime.lastError);
        }
        this.record(play, "fire", event, more);
        this.react(then, { play, port, portName, argument: args[0] });
      };
    }

    // current: gives {play, id, event, then} at the time of the call, as a background's plays change under it.
    connectHandler(current) {
      return (port, ...rest) => {
        const { play, id, event, then } = current();
        const count = (this.arrivals.get(id) ?? 0) + 1;
        this.arrivals.set(id, count);
        const portName = `${id}#${count}`;
        const known = this.names.get(port);
        this.keep(portName, port);
        const value = this.snapshot(port);
        if (known) {
          value.same = known;
        }
        const more = { port: portName, listener: id, value };
        if (rest.length) {
          more.rest = rest.map((arg) => this.encode(arg));
        }
        this.record(play, "fire", event, more);
        this.react(then, { play, port, portName });
      };
    }

    react(then, scope) {
      if (this.recorded < MOST_EVENTS) {
        try {
          this.perform(then, scope);
        } catch (error) {
          this.record(scope.play, "note", "puppet-failed", { value: String(error) });
        }
      }
      this.flush();
      const last = then.find((op) => op.op === "throw");
      if (last) {
        throw new Error(last.message);
      }
    }

    // ---- what a background registers at its top level

    // Called once, while the script is first evaluated: only listeners added then wake a stopped background.
    registerTopLevel(defaults) {
      for (const event of ON_CONNECT) {
        const entry = this.topLevelEntry(event);
        if (entry) {
          entry.current = defaults(event);
          entry.on = true;
          entry.target.addListener(entry.handler);
        }
      }
    }

    topLevelEntry(event) {
      const target = lookUp(this.api, event);
      if (target && !this.topLevel.has(event)) {
        const entry = { target, current: null, on: false };
        entry.handler = this.connectHandler(() => ({ play: this.play, event, id: entry.current.listener, then: entry.current.then ?? [] }));
        this.topLevel.set(event, entry);
      }
      return this.topLevel.get(event);
    }

    setTopLevel(event, wanted) {
      const entry = this.topLevelEntry(event);
      if (!entry) {
        return;
      }
      if (wanted) {
        entry.current = wanted;
      }
      if (entry.on !== Boolean(wanted)) {
        entry.on = Boolean(wanted);
        entry.target[wanted ? "addListener" : "removeListener"](entry.handler);
      }
    }
  }

  // What every listener for ports does unless a scenario says otherwise: record what the port says.
  portolan.recordPort = [
    { op: "listen", listener: `${THIS_PORT}.onMessage`, event: "onMessage", port: THIS_PORT },
    { op: "listen", listener: `${THIS_PORT}.onDisconnect`, event: "onDisconnect", port: THIS_PORT },
  ];

  portolan.Puppet = Puppet;
}
