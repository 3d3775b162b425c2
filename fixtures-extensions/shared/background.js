// The background of the subject and of the peer: a puppet that lives for one play after another.
// All of this runs at the top level of the script, so that a stopped background comes up listening.
"use strict";

{
  const api = globalThis.browser ?? globalThis.chrome;
  const { extension, observer, troupe } = portolan.config;
  const actor = extension === "peer" ? "peer" : "background";
  const puppet = new portolan.Puppet({ context: "background", extension, troupe }, api);

  puppet.registerTopLevel((event) => ({
    listener: `${actor}.${event.replace("runtime.", "")}`,
    then: portolan.recordPort,
  }));

  const channel = portolan.openPortChannel(puppet, observer);

  // The observer's knock: it wakes a stopped background, and reconnects one that was there before the observer.
  api.runtime.onMessageExternal.addListener((message, sender) => {
    if (sender.id === observer && message === "portolan-wake") {
      channel.connect();
    }
  });
}
