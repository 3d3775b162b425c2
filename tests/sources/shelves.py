"""Caches for tests: putting something in, and another process that does the same."""

from __future__ import annotations

import subprocess

from portolan.runners.sources.cache import Cache, Card

CARD = Card(kind="firefox", version="153.7.0", source="debian")


def quiet(text: str) -> None:
    raise AssertionError(f"nobody should wait: {text}")


def put(cache: Cache, name: str, card: Card = CARD, size: int = 10_000) -> None:
    with cache.building(name, quiet) as build:
        (build.folder / "program").write_text("x" * size)
        build.publish(card)


def tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "done\n"
