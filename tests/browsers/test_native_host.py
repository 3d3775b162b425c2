"""The observer's native host: one file that starts anywhere, carries bytes unchanged, and ends with either side."""

from __future__ import annotations

import ast
import os
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portolan.runners.session.extensions import sources

from .hosting import SECONDS, TOKEN, Host, read_exactly

PROGRAMS = sorted((sources() / "native").glob("*.py"))
CHUNK = 1000


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_needs_nothing_but_an_old_python(program: Path) -> None:
    tree = ast.parse(program.read_text(), feature_version=(3, 9))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


@pytest.fixture(params=["relay.py", "application.py"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path, request.param)
    yield host
    host.close()


both = pytest.mark.parametrize("host", ["relay.py", "application.py"], indirect=True)
relay = pytest.mark.parametrize("host", ["relay.py"], indirect=True)


@both
def test_shows_its_token_first(host: Host) -> None:
    hello = host.link.hear()
    assert (hello["kind"], hello["token"], hello["pid"]) == ("host", TOKEN, host.process.pid)


@relay
def test_carries_bytes_unchanged_both_ways(host: Host) -> None:
    host.link.hear()
    down, up = (random.Random(seed).randbytes(300 * CHUNK) for seed in (1, 2))

    def write_down() -> None:
        for start in range(0, len(down), CHUNK):
            host.link.end.sendall(down[start : start + CHUNK])

    def write_up() -> None:
        for start in range(0, len(up), CHUNK):
            os.write(host.browser_writes.fileno(), up[start : start + CHUNK])

    with ThreadPoolExecutor() as pool:
        written = [pool.submit(write_down), pool.submit(write_up)]
        read_down = pool.submit(read_exactly, host.browser_reads, len(down))
        assert read_exactly(host.link.reads, len(up)) == up
        assert read_down.result(SECONDS) == down
        for each in written:
            each.result(SECONDS)


@relay
def test_ends_with_its_browser(host: Host) -> None:
    host.link.hear()
    host.browser_writes.close()
    assert host.process.wait(SECONDS) == 0
    assert host.link.reads.read() == b"", "the collector sees its end"


@both
def test_ends_with_its_runner(host: Host) -> None:
    host.link.hear()
    host.link.close()
    assert host.process.wait(SECONDS) == 0
