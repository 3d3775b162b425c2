"""A stand-in for the internet: a proxy on this machine that answers for the download sites, well or badly.

Programs reach it as they reach the real sites from behind a proxy (HTTPS_PROXY), and trust its certificates (SSL_CERT_FILE),
so that nothing in them is changed for the test.
"""

from __future__ import annotations

import contextlib
import io
import json
import ssl
import stat
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import trustme


class Page(msgspec.Struct, frozen=True):
    """One answer. ``half``: the connection ends in mid-way; ``drip``: the first half comes, and then nothing more."""

    body: bytes = b""
    status: int = 200
    location: str = ""
    half: bool = False
    drip: bool = False
    kind: str = "application/octet-stream"


HTML = Page(b"<html><body>Please log in to this network</body></html>", kind="text/html")
MISSING = Page(b"Not Found", status=404)


class Sites:
    """The sites by address; everything else is not found. ``asked`` are the addresses in the order of asking."""

    def __init__(self, folder: Path) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        self.end = threading.Event()
        self.heard = threading.Condition()
        self._authority = trustme.CA()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._certificates = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(self._certificates))
        self.port = 0

    @property
    def environment(self) -> dict[str, str]:
        """What a program must know to see these sites in the stead of the real ones."""
        return {"HTTPS_PROXY": f"http://127.0.0.1:{self.port}", "SSL_CERT_FILE": str(self._certificates)}

    def put(self, address: str, what: Page | bytes | Mapping[str, Any]) -> None:
        """Let an address answer with a page, some bytes or JSON."""
        if isinstance(what, Page):
            self.pages[address] = what
        elif isinstance(what, bytes):
            self.pages[address] = Page(what)
        else:
            self.pages[address] = Page(json.dumps(what).encode(), kind="application/json")

    def was_asked(self, what: str) -> None:
        """Note a request."""
        with self.heard:
            self.asked.append(what)
            self.heard.notify_all()

    def wait_for(self, what: str) -> None:
        """Wait until this was asked, for at most 30 seconds."""
        with self.heard:
            assert self.heard.wait_for(lambda: what in self.asked, 30), f"nobody asked {what}, but {self.asked}"

    def context(self, host: str) -> ssl.SSLContext:
        """What a site shows for its identity."""
        if host not in self._contexts:
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(host).configure_cert(made)
            self._contexts[host] = made
        return self._contexts[host]


def _handler(sites: Sites) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        host = ""

        def do_CONNECT(self) -> None:
            self.host = self.path.partition(":")[0]
            self.send_response(200)
            self.end_headers()
            self.close_connection = False  # Python 3.11 asks with HTTP/1.0
            try:
                self.connection = sites.context(self.host).wrap_socket(self.connection, server_side=True)
            except OSError:  # the other side does not trust us
                self.close_connection = True
                return
            self.rfile = self.connection.makefile("rb", -1)
            self.wfile = self.connection.makefile("wb", 0)  # type: ignore[assignment]

        def do_GET(self) -> None:
            address = f"https://{self.host}{self.path}"
            sites.was_asked(f"{self.command} {address}")
            page = sites.pages.get(address, MISSING)
            self.send_response(page.status)
            self.send_header("Content-Type", page.kind)
            self.send_header("Content-Length", str(len(page.body)))
            if page.location:
                self.send_header("Location", page.location)
            self.end_headers()
            if self.command == "HEAD":
                return
            with contextlib.suppress(OSError):
                self._send(page)

        do_HEAD = do_GET

        def _send(self, page: Page) -> None:
            if not (page.half or page.drip):
                self.wfile.write(page.body)
                return
            self.wfile.write(page.body[: len(page.body) // 2])
            if page.drip:
                sites.end.wait()
            self.close_connection = True

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()
            self.connection.close()

        def log_message(self, *arguments: object) -> None:
            del arguments

    return Handler


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Sites]:
    """The sites, for as long as the block runs."""
    sites = Sites(folder)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away in mid-way is what some tests are about."""

    with Server(("127.0.0.1", 0), _handler(sites)) as server:
        sites.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield sites
        finally:
            sites.end.set()
            server.shutdown()
            thread.join()


# --- archives ----------------------------------------------------------------------------------------------------------


def zipped(files: Mapping[str, str]) -> bytes:
    """A zip archive of programs."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (stat.S_IFREG | 0o755) << 16
            archive.writestr(member, text)
    return made.getvalue()


def tarred(files: Mapping[str, str], compression: str = "xz") -> bytes:
    """A compressed tar archive of programs."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=f"w:{compression}") as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.mode, member.size = 0o755, len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return made.getvalue()
