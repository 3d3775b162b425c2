// The background as a service worker: the same scripts as an event page's.
"use strict";

importScripts("/config.js", "/shared/values.js", "/shared/puppet.js", "/shared/worlds.js", "/shared/channel-port.js", "/shared/background.js");
