// The observer in a frame, without a port: letters (one-time messages) carry everything, so the frame has no twin.
// It stands in for observer/frame.js where a test shows that the twins change nothing.
"use strict";

{
  const api = globalThis.browser ?? globalThis.chrome;
  const hellos = new Map();
  let answered = null;

  const post = (envelope) => {
    api.runtime.sendMessage(envelope).catch(() => {}); // this document ends, and nobody waits for it
  };

  const down = (command) => {
    window.dispatchEvent(new CustomEvent("portolan-down", { detail: JSON.stringify(command) }));
  };

  api.runtime.onMessage.addListener((command, sender, reply) => {
    answered = null;
    down(command);
    if (answered !== command.id) {
      post({ kind: "answer", incarnation: command.to, re: command.id, dead: true });
    }
    reply(true);
  });

  window.addEventListener("portolan-up", ({ detail }) => {
    const envelope = JSON.parse(detail);
    if (envelope.kind === "answer") {
      answered = envelope.re;
    }
    post(envelope);
    if (envelope.kind === "hello") {
      hellos.set(envelope.incarnation, envelope);
      down({ to: envelope.incarnation, do: "welcome" });
    }
  });

  window.addEventListener("pageshow", ({ persisted }) => {
    for (const hello of persisted ? hellos.values() : []) {
      post({ ...hello, resumed: true });
    }
  });

  down({ do: "who" });
}
