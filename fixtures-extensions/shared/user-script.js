// A user script of the subject in the stage's pages: in the default world, or in another.
"use strict";

{
  const query = new URLSearchParams(location.search);
  const role = {
    context: portolan.config.folder,
    extension: portolan.config.extension,
    document: query.get("document"),
    play: query.get("play"),
  };
  if (role.play) {
    portolan.openDomChannel(new portolan.Puppet(role, globalThis.browser ?? globalThis.chrome ?? {}));
  }
}
