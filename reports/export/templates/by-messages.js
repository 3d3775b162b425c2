// How the demo page and the other contexts of this demo speak with each other: by one-time messages, which have nothing to
// do with ports.
"use strict";

const api = globalThis.browser ?? globalThis.chrome;

const carrier = {
  // To the demo page. Without one that is open, nobody is told.
  tell: (message) => void api.runtime.sendMessage({ to: "demo", ...message }).catch(() => {}),
  // In the demo page: hear what is told.
  hear(told) {
    api.runtime.onMessage.addListener((message, sender) => {
      if (isOurs(message)) {
        told(message, sender);
      }
    });
  },
  hearWhile: (act) => act(),
  // From the demo page to one context. The answers are no sign that it did something: some versions never give one where a
  // context of the tab has ended.
  toExtension: (message) => void api.runtime.sendMessage(message).catch(() => {}),
  toTab(message, tab) {
    if (tab !== undefined) {
      void api.tabs.sendMessage(tab, message).catch(() => {});
    }
  },
  obey(asked) {
    api.runtime.onMessage.addListener(asked);
  },
};

const isOurs = (message) => message?.to === "demo";
