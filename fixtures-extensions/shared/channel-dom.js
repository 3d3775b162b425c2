// A puppet's channel to the observer from a document of the web: DOM events of the window.
// The observer's own content script in the same frame carries them on (observer/frame.js).
// Dispatching is synchronous: the observer knows at once whether a puppet still hears it.
"use strict";

portolan.openDomChannel = (puppet) => {
  const channel = { waiting: [], open: false };

  const dispatch = (envelope) => {
    window.dispatchEvent(new CustomEvent("portolan-up", { detail: JSON.stringify(envelope) }));
  };

  channel.send = (envelope) => {
    if (channel.open) {
      dispatch(envelope);
    } else {
      channel.waiting.push(envelope);
    }
  };

  const onCommand = ({ detail }) => {
    const command = JSON.parse(detail);
    if (command.do === "who") {
      dispatch(puppet.hello());
    } else if (command.to === puppet.incarnation && command.do === "welcome") {
      channel.open = true;
      channel.waiting.splice(0).forEach(dispatch);
    } else if (command.to === puppet.incarnation) {
      puppet.receive(command);
      if (command.do === "hold") {
        channel.open = false; // the observer is about to leave: what comes now waits for the next one's welcome
      }
    }
  };

  // Once more after document.open(); what was added already is not added twice.
  channel.listen = () => window.addEventListener("portolan-down", onCommand);

  // What is added to this target, document.open() does not take away.
  performance.addEventListener("portolan-listen", channel.listen);

  channel.listen();
  puppet.channel = channel;
  dispatch(puppet.hello());
};
