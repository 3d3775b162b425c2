// How the demo page and the other contexts of this demo speak with each other: by entries of storage.local, as one-time
// messages are what this demo shows. A listener of the demo's own would be one more receiver of them.
"use strict";

const api = globalThis.browser ?? globalThis.chrome;

const carrier = {
  // To the demo page. That a document is ready goes by a one-time message all the same: who sent it has the ids of its tab
  // and frame. The demo page listens for that while it waits for it, and at no other time.
  tell(message) {
    if (message.what === "ready") {
      void api.runtime.sendMessage({ to: "demo", ...message }).catch(() => {});
    } else {
      carrier.put({ to: "demo", ...message });
    }
  },
  // In the demo page: hear what is told.
  hear(told) {
    carrier.told = told;
    void api.storage.local.clear();
    carrier.watch((message) => isOurs(message) && told(message, {}));
  },
  async hearWhile(act) {
    const isReady = (message, sender) => {
      if (isOurs(message)) {
        carrier.told(message, sender);
      }
    };
    api.runtime.onMessage.addListener(isReady);
    try {
      await act();
    } finally {
      api.runtime.onMessage.removeListener(isReady);
    }
  },
  // From the demo page to one context.
  toExtension: (message) => carrier.put(message),
  toTab: (message) => carrier.put(message),
  obey: (asked) => carrier.watch(asked),
  put: (message) => void api.storage.local.set({ [`${performance.now()} ${Math.random()}`]: message }),
  watch(heard) {
    api.storage.onChanged.addListener((changes) => {
      for (const { newValue } of Object.values(changes)) {
        if (newValue) {
          heard(newValue);
        }
      }
    });
  },
};

const isOurs = (message) => message?.to === "demo";
