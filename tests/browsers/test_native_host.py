"""The observer's native host: one file that starts anywhere, carries bytes unchanged, and ends with either side."""

from __future__ import annotations

import ast
import json
import os
import random
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest

from runners.extensions import sources

PROGRAMS = sorted((sources() / "native").glob("*.py"))
SECONDS = 120.0
TOKEN = "a token"
CHUNK = 1000


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_needs_nothing_but_an_old_python(program: Path) -> None:
    tree = ast.parse(program.read_text(), feature_version=(3, 9))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


def read_exactly(file: IO[bytes], size: int) -> bytes:
    data = b""
    while len(data) < size and (part := file.read(size - len(data))):
        data += part
    return data


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
        self.collector_reads = self.link.makefile("rb")

    def accept(self) -> socket.socket:
        """The connection of one more process."""
        link, _ = self.server.accept()
        link.settimeout(SECONDS)
        return link

    def hear(self) -> dict[str, object]:
        """One frame, as the collector reads it."""
        (size,) = struct.unpack("=I", read_exactly(self.collector_reads, 4))
        heard: dict[str, object] = json.loads(read_exactly(self.collector_reads, size))
        return heard

    def close_link(self) -> None:
        """End the connection."""
        self.collector_reads.close()
        self.link.close()

    def close(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait(SECONDS)
        self.close_link()
        self.server.close()
        for pipe in (self.browser_writes, self.browser_reads):
            pipe.close()


@pytest.fixture(params=["relay.py", "application.py"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path, request.param)
    yield host
    host.close()


both = pytest.mark.parametrize("host", ["relay.py", "application.py"], indirect=True)
relay = pytest.mark.parametrize("host", ["relay.py"], indirect=True)


@both
def test_shows_its_token_first(host: Host) -> None:
    hello = host.hear()
    assert (hello["kind"], hello["token"], hello["pid"]) == ("host", TOKEN, host.process.pid)


@relay
def test_carries_bytes_unchanged_both_ways(host: Host) -> None:
    host.hear()
    down, up = (random.Random(seed).randbytes(300 * CHUNK) for seed in (1, 2))

    def write_down() -> None:
        for start in range(0, len(down), CHUNK):
            host.link.sendall(down[start : start + CHUNK])

    def write_up() -> None:
        for start in range(0, len(up), CHUNK):
            os.write(host.browser_writes.fileno(), up[start : start + CHUNK])

    with ThreadPoolExecutor() as pool:
        written = [pool.submit(write_down), pool.submit(write_up)]
        read_down = pool.submit(read_exactly, host.browser_reads, len(down))
        assert read_exactly(host.collector_reads, len(up)) == up
        assert read_down.result(SECONDS) == down
        for each in written:
            each.result(SECONDS)


@relay
def test_ends_with_its_browser(host: Host) -> None:
    host.hear()
    host.browser_writes.close()
    assert host.process.wait(SECONDS) == 0
    assert host.collector_reads.read() == b"", "the collector sees its end"


@both
def test_ends_with_its_runner(host: Host) -> None:
    host.hear()
    host.close_link()
    assert host.process.wait(SECONDS) == 0
