// A user script of the subject, in a world of its own in the stage's pages.
"use strict";

{
  const query = new URLSearchParams(location.search);
  const role = {
    context: "user-script",
    extension: portolan.config.extension,
    document: query.get("document"),
    play: query.get("play"),
  };
  if (role.play) {
    portolan.openDomChannel(new portolan.Puppet(role, globalThis.browser ?? globalThis.chrome ?? {}));
  }
}
