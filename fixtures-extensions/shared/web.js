// A web page's own script: a puppet with whatever API the browser shows to web pages.
"use strict";

{
  const query = new URLSearchParams(location.search);
  const role = { context: "web", document: query.get("document"), play: query.get("play") };
  portolan.openDomChannel(new portolan.Puppet(role, globalThis.browser ?? globalThis.chrome ?? {}));
}
