// Opens the demo page: when the extension is installed, and when its button is pressed.
"use strict";

{
  const api = globalThis.browser ?? globalThis.chrome;
  const open = () => api.tabs.create({ url: api.runtime.getURL("demo.html") });
  api.runtime.onInstalled.addListener(open);
  (api.action ?? api.browserAction).onClicked.addListener(open);
}
