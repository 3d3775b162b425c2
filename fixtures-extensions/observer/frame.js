// The observer in each frame of the stage: carries the puppets' events and commands, and holds the frame's twins.
// A twin is a port of the observer that lives exactly as long as the document: its end is the sign that the
// document has ended. One is opened from here, one by the observer's background (docs/settling.md).
"use strict";

{
  const api = globalThis.browser ?? globalThis.chrome;
  const firefox = api.runtime.getURL("").startsWith("moz-");
  const hellos = new Map();
  let port;
  let answered = null;

  const down = (command) => {
    window.dispatchEvent(new CustomEvent("portolan-down", { detail: JSON.stringify(command) }));
  };

  const obey = (command) => {
    answered = null;
    down(command);
    if (command.do === "rewriteDocument") {
      rewritten(command);
      return;
    }
    if (answered !== command.id) {
      // Dispatching is synchronous: whoever did not answer by now is not there any more.
      port.postMessage({ kind: "answer", incarnation: command.to, re: command.id, dead: true });
    }
  };

  // document.open() has taken all of the window's listeners away, ours and the puppets', and with them the answer.
  const rewritten = (command) => {
    window.addEventListener("portolan-up", onEnvelope);
    performance.dispatchEvent(new CustomEvent("portolan-listen"));
    down({ do: "sync", to: command.to, id: command.id });
  };

  const connect = () => {
    port = api.runtime.connect({ name: "twin" });
    port.onMessage.addListener(obey);
  };

  const onEnvelope = ({ detail }) => {
    const envelope = JSON.parse(detail);
    if (envelope.kind === "hello") {
      hellos.set(envelope.incarnation, envelope);
      port.postMessage(envelope);
      down({ to: envelope.incarnation, do: "welcome" });
      return;
    }
    if (envelope.kind === "answer") {
      answered = envelope.re;
    }
    port.postMessage(envelope);
  };

  window.addEventListener("portolan-up", onEnvelope);

  // The twin that the background opens.
  api.runtime.onConnect.addListener((twin) => twin.postMessage("accepted"));

  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) {
      return;
    }
    if (!firefox) {
      connect(); // Chromium closed the old one, and tells nobody here
    }
    for (const hello of hellos.values()) {
      port.postMessage({ ...hello, resumed: true });
    }
  });

  if (firefox) {
    // In Chromium a pagehide listener changes what is observed; there it is not needed.
    window.addEventListener("pagehide", ({ persisted }) => {
      if (persisted) {
        port.postMessage({ kind: "cached" });
      }
    });
  }

  connect();
  down({ do: "who" });
}
