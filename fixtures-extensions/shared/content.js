// A content script of the subject or of the peer, in every frame of the stage's pages.
"use strict";

{
  const query = new URLSearchParams(location.search);
  const play = query.get("play");
  if (play) {
    const role = { context: "content", extension: portolan.config.extension, document: query.get("document"), play };
    portolan.openDomChannel(new portolan.Puppet(role, globalThis.browser ?? globalThis.chrome));
  }
}
