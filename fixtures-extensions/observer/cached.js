// For a Chromium that keeps ports open in the bfcache (before 123): says when a document goes in there.
// A message would end the page there, so it goes to the stage's own server, which nothing of the subject sees.
"use strict";

window.addEventListener("pagehide", ({ persisted }) => {
  if (persisted) {
    navigator.sendBeacon(`/cached${location.search}`);
  }
});
