"""Serves the web pages of this demo: ``python3 serve.py [PORT]`` (8000, unless another is given).

It differs from ``python3 -m http.server`` in two ways. An answer takes a moment: a page that is left for one that answers
at once is now and then not kept in Firefox's back/forward cache. And a page that asks for it (``kept=no``) may not be
kept there by any browser.
"""

import contextlib
import sys
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MOMENT_SECONDS = 0.2


class Handler(SimpleHTTPRequestHandler):
    """A file of the folder ``pages``."""

    def do_GET(self) -> None:
        """Answer after a moment."""
        time.sleep(MOMENT_SECONDS)
        with contextlib.suppress(ConnectionError):  # the browser does not wait for it any more
            super().do_GET()

    def end_headers(self) -> None:
        """Say whether the page may be kept."""
        self.send_header("Cache-Control", "no-store" if "kept=no" in self.path else "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said of each page."""


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    pages = partial(Handler, directory=str(Path(__file__).with_name("pages")))
    with ThreadingHTTPServer(("127.0.0.1", port), pages) as server:
        print(f"The web pages of this demo are served at port {server.server_address[1]}. Ctrl+C ends it.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
