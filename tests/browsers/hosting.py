"""A native host between a test that plays the browser and one that plays the collector."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from portolan.runners.session.extensions import sources

SECONDS = 120.0
TOKEN = "a token"


def read_exactly(file: IO[bytes], size: int) -> bytes:
    """So many bytes, or what there is before the end."""
    data = b""
    while len(data) < size and (part := file.read(size - len(data))):
        data += part
    return data


class Link:
    """The collector's end of one process's connection."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.reads = end.makefile("rb")

    def hear(self) -> dict[str, Any]:
        """One frame, as the collector reads it."""
        (size,) = struct.unpack("=I", read_exactly(self.reads, 4))
        heard: dict[str, Any] = json.loads(read_exactly(self.reads, size))
        return heard

    def send(self, command: object) -> None:
        """One frame, as the collector writes it."""
        data = json.dumps(command).encode()
        self.end.sendall(struct.pack("=I", len(data)) + data)

    def close(self) -> None:
        """End the connection."""
        self.reads.close()
        self.end.close()


class Host:
    """A host between a pipe, as of a browser, and a connection, as of the collector."""

    def __init__(self, folder: Path, program: str) -> None:
        path = folder / "host.py"
        path.write_text((sources() / "native" / program).read_text())
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(SECONDS)
        port = self.server.getsockname()[1]
        Path(f"{path}.json").write_text(json.dumps({"port": port, "token": TOKEN, "name": "a name"}))
        self.process = subprocess.Popen(
            [sys.executable, "-IS", path, "a caller"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.link = self.accept()
        assert self.process.stdin
        assert self.process.stdout
        self.browser_writes, self.browser_reads = self.process.stdin, self.process.stdout

    def accept(self) -> Link:
        """The connection of one more process."""
        end, _ = self.server.accept()
        end.settimeout(SECONDS)
        return Link(end)

    def close(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait(SECONDS)
        self.link.close()
        self.server.close()
        for pipe in (self.browser_writes, self.browser_reads):
            pipe.close()
