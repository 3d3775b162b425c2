// A content script of the subject or of the peer, in every frame of the stage's pages; and the subject's second one, where wanted.
"use strict";

{
  // A frame without an address of its own (about:blank, srcdoc) is known by its name, and of its parent's play. Not meant
  // is the about:blank that every frame shows at first.
  const element = location.protocol === "about:" ? window.frameElement : null;
  const blank = element?.hasAttribute("srcdoc") || element?.getAttribute("src") === "about:blank";
  const query = new URLSearchParams(blank ? parent.location.search : location.search);
  const play = query.get("play");
  if (play) {
    const document = blank ? window.name : query.get("document");
    const context = portolan.config.folder ?? "content";
    const role = { context, extension: portolan.config.extension, document, play };
    portolan.openDomChannel(new portolan.Puppet(role, globalThis.browser ?? globalThis.chrome));
  }
}
