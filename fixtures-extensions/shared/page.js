// An extension's own page, in a tab or in a frame.
"use strict";

{
  const query = new URLSearchParams(location.search);
  const role = {
    context: "extension-page",
    extension: portolan.config.extension,
    document: query.get("document"),
    play: query.get("play"),
  };
  if (role.play) {
    for (const frame of JSON.parse(query.get("frames") ?? "[]")) {
      const element = document.createElement("iframe");
      element.name = frame.name;
      element.src = frame.url;
      document.body.append(element);
    }
    const puppet = new portolan.Puppet(role, globalThis.browser ?? globalThis.chrome);
    portolan.openPortChannel(puppet, portolan.config.observer);
  }
}
