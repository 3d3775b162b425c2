"""The web pages of the stage, served on the loopback interface under two names: two sites.

``/0/page`` takes ``play`` and ``document`` (who it is), ``frames`` (a JSON list of ``{"name", "url"}``) and
``script`` (``1``: the page runs a puppet of its own, as a web page), and ``hold`` (the name of a hold: the page is not
served before that is released), and ``kept`` (``no``: the page may not be kept in a bfcache).
"""

from __future__ import annotations

import html
import json
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from portolan.runners.session.extensions import sources

SITES = {"here": "127.0.0.1", "elsewhere": "localhost"}
SCRIPTS = ("values.js", "puppet.js", "channel-dom.js", "web.js")
LONGEST_HOLD_SECONDS = 120.0


class Hold:
    """A page that is asked for and not served before it is released. ``asked`` is called in a thread of the server's."""

    def __init__(self, asked: Callable[[], object]) -> None:
        self.asked = asked
        self._released = threading.Event()

    def wait(self) -> None:
        """Wait until it is released."""
        self.asked()
        self._released.wait(LONGEST_HOLD_SECONDS)

    def release(self) -> None:
        """Let the page be served."""
        self._released.set()


class Pages:
    """A small server of pages, in a thread of its own.

    ``on_cached(play, document)`` is called there when a document says that it goes into the bfcache.
    """

    def __init__(self, on_cached: Callable[[str, str], object] = lambda *_: None) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.holds = {}
        self._server.on_cached = on_cached
        self._server.scripts = {f"/{name}": (sources() / "shared" / name).read_bytes() for name in SCRIPTS}
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="pages", daemon=True).start()

    def address(self, site: str, troupe: int, *, peer: bool = False, **query: str) -> str:
        """The address of a page. Only this troupe has content scripts there: the subject, and where wanted the peer."""
        return (
            f"http://{SITES[site]}:{self.port}/{troupe}/{'peer/' if peer else ''}page?{urllib.parse.urlencode(query)}"
        )

    @contextmanager
    def held(self, name: str, asked: Callable[[], object]) -> Iterator[None]:
        """Until the end of this, a page that is asked for with ``hold=name`` is not served."""
        hold = self._server.holds[name] = Hold(asked)
        try:
            yield
        finally:
            hold.release()
            del self._server.holds[name]

    def close(self) -> None:
        """Stop serving."""
        for hold in list(self._server.holds.values()):
            hold.release()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    scripts: dict[str, bytes]
    holds: dict[str, Hold]
    on_cached: Callable[[str, str], object]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that ends in the middle of a request is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        address = urllib.parse.urlsplit(self.path)
        if address.path.endswith("/page"):
            query = dict(urllib.parse.parse_qsl(address.query))
            if hold := self.server.holds.get(query.get("hold", "")):
                hold.wait()
            cache = "max-age=3600" if query.get("kept") != "no" else "no-store"
            self._reply(page(query).encode(), "text/html; charset=utf-8", cache)
        elif address.path in self.server.scripts:
            self._reply(self.server.scripts[address.path], "text/javascript; charset=utf-8")
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urllib.parse.urlsplit(self.path)
        if address.path == "/cached":
            query = dict(urllib.parse.parse_qsl(address.query))
            self.server.on_cached(query.get("play", ""), query.get("document", ""))
        self._reply(b"", "text/plain")

    def _reply(self, body: bytes, kind: str, cache: str = "max-age=3600") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", cache)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The trace is the log."""


def page(query: dict[str, str]) -> str:
    """The HTML of a page."""
    frames = "".join(map(_frame, json.loads(query.get("frames", "[]"))))
    scripts = "".join(f'<script src="/{name}"></script>\n' for name in SCRIPTS) if query.get("script") else ""
    if query.get("kept") == "no":
        scripts += '<script>addEventListener("unload", () => {});</script>\n'
    title = html.escape(query.get("document", ""))
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><link rel="icon" href="data:,">'
        f"<title>{title}</title></head>\n<body>\n{scripts}{frames}</body>\n</html>\n"
    )


def _frame(frame: dict[str, str]) -> str:
    holds = frame.get("holds")
    source = 'srcdoc="&lt;!doctype html&gt;"' if holds == "srcdoc" else f'src="{html.escape(frame["url"])}"'
    sandbox = ' sandbox="allow-scripts"' if holds == "sandboxed" else ""
    return f'<iframe name="{html.escape(frame["name"])}"{sandbox} {source}></iframe>\n'
