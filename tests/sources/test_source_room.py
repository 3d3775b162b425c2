"""PORTOLAN_CACHE_LIMIT: what it may say, and what goes when something new is put into the cache."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from portolan.runners.errors import CacheLimitWrong
from portolan.runners.sources.cache import Cache, Card
from portolan.runners.sources.cache_limit import limit_of

from .shelves import put, quiet, tell

LARGE = 100_000


@pytest.mark.parametrize(
    ("told", "limit"),
    [
        ("6GB", 6_000_000_000),
        (" 500 mb ", 500_000_000),
        ("1.5GiB", 1_610_612_736),
        ("2TB", 2 * 10**12),
        ("", None),
        ("  ", None),
    ],
)
def test_sizes(told: str, limit: int | None) -> None:
    environment = {"HOME": "/home/mary", "PORTOLAN_CACHE_LIMIT": told}
    assert limit_of(environment) == limit
    assert Cache.from_environment(environment).limit == limit
    assert Cache.from_environment({**environment, "PORTOLAN_CACHE": "/here"}).limit == limit
    assert Cache.from_environment({**environment, "XDG_CACHE_HOME": "/fast"}).limit == limit


@pytest.mark.parametrize(
    "told", ["lots", "6", "0GB", "-1GB", "6 GB or so", "6XB", "GB", "6,5GB", "0.0000000001MB", "6KB"]
)
def test_what_is_no_size_is_refused(told: str) -> None:
    with pytest.raises(CacheLimitWrong) as caught:
        Cache.from_environment({"HOME": "/home/mary", "PORTOLAN_CACHE_LIMIT": told})
    text = f"PORTOLAN_CACHE_LIMIT is {told!r}, which is no size; give one such as 6GB, 500MB or 1.5GiB."
    assert str(caught.value) == text


def put_used_at(cache: Cache, name: str, time: int, version: str = "1") -> None:
    """An entry that was last used then, by a process that is gone."""
    put(cache, name, Card("firefox", version, "debian"), LARGE)
    (cache.folder / "locks").mkdir(exist_ok=True)
    stamp = cache.folder / "locks" / f"{name}.use"
    stamp.write_text("")
    os.utime(stamp, (time, time))


def filled(folder: Path) -> Cache:
    """A cache with three entries, used at different times, and working files."""
    cache = Cache(folder)
    for name, time in (("oldest", 100_000), ("newest", 300_000), ("older", 200_000)):
        put_used_at(cache, name, time)
    lists = cache.path("apt")
    lists.mkdir()
    (lists / "lists").write_text("x" * LARGE)
    return cache


def add(cache: Cache, limit: int) -> list[str]:
    """Put a new entry into a cache with this limit; what was said."""
    said: list[str] = []
    limited = Cache(cache.folder, limit)
    with limited.building("new", quiet, said.append) as build:
        (build.folder / "program").write_text("x" * LARGE)
        build.publish(Card("chromium", "156", "debian"))
    return said


def test_what_was_used_longest_ago_goes_first(cache: Cache) -> None:
    filled(cache.folder)
    each = max(entry.size for entry in cache.entries())
    said = add(cache, limit=4 * each)
    assert cache.names() == ["apt", "new", "newest", "older"]
    assert said == ["Removed oldest from the cache (0 MB, last used 1970-01-02), for PORTOLAN_CACHE_LIMIT."]
    assert list((cache.folder / "partial").iterdir()) == []


def test_nothing_goes_while_there_is_room(cache: Cache) -> None:
    filled(cache.folder)
    assert add(cache, limit=10 * LARGE) == []
    assert len(cache.names()) == 5


def test_without_a_limit_nothing_goes(cache: Cache) -> None:
    filled(cache.folder)
    put(cache, "new", size=LARGE)
    assert len(cache.names()) == 5


def test_the_new_one_and_working_files_stay(cache: Cache) -> None:
    filled(cache.folder)
    said = add(cache, limit=1)
    assert cache.names() == ["apt", "new"]
    assert len(said) == 4
    assert said[-1].endswith("more than PORTOLAN_CACHE_LIMIT (0 MB): the rest is new or in use.")


def test_what_another_process_uses_or_makes_stays(cache: Cache, other: subprocess.Popen[str]) -> None:
    filled(cache.folder)
    tell(other, "assert cache.use('oldest')")
    tell(other, "held = cache.building('older', print); build = held.__enter__()")
    said = add(cache, limit=1)
    assert cache.names() == ["apt", "new", "older", "oldest"]
    assert [text.split()[1] for text in said] == ["newest", "cache"]


def test_what_this_process_uses_stays(cache: Cache) -> None:
    filled(cache.folder)
    assert cache.use("oldest")
    add(cache, limit=1)
    assert cache.names() == ["apt", "new", "oldest"]


def test_what_was_not_published_removes_nothing(cache: Cache) -> None:
    filled(cache.folder)
    with pytest.raises(ZeroDivisionError), Cache(cache.folder, 1).building("new", quiet):
        raise ZeroDivisionError
    with Cache(cache.folder, 1).building("new", quiet):
        pass
    assert len(cache.names()) == 4


def test_two_that_make_room_at_once_do_not_fight(cache: Cache, other: subprocess.Popen[str]) -> None:
    filled(cache.folder)
    tell(other, "from portolan.runners.sources.cache import Card")
    tell(other, "limited = Cache(cache.folder, 1); held = limited.building('theirs', lambda text: None)")
    tell(other, "build = held.__enter__(); build.publish(Card('firefox', '2', 'debian'))")
    add(cache, limit=1)
    tell(other, "held.__exit__(None, None, None)")
    assert cache.names() == ["apt", "theirs"], "theirs was still being made when ours was added, and then came last"
