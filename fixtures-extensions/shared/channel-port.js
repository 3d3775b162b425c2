// A puppet's channel to the observer from an extension's own context: a port to the observer's extension.
// It never reaches the subject's listeners, and keeps no background alive (proved by tests/browsers/test_no_disturbance.py).
// Its end is the positive sign that this incarnation has ended.
"use strict";

portolan.openPortChannel = (puppet, observer) => {
  const { runtime } = puppet.api;
  const channel = { waiting: [], open: false, port: null };

  channel.send = (envelope) => {
    if (channel.open) {
      channel.port.postMessage(envelope);
    } else {
      channel.waiting.push(envelope);
    }
  };

  channel.connect = () => {
    if (channel.port) {
      return;
    }
    const port = runtime.connect(observer, { name: "portolan" });
    channel.port = port;
    port.onMessage.addListener((command) => {
      if (command.do === "welcome") {
        channel.open = true;
        channel.waiting.splice(0).forEach((envelope) => port.postMessage(envelope));
      } else {
        puppet.receive(command);
      }
    });
    port.onDisconnect.addListener(() => {
      void runtime.lastError;
      channel.port = null;
      channel.open = false;
    });
    port.postMessage(puppet.hello());
  };

  puppet.channel = channel;
  channel.connect();
  return channel;
};
