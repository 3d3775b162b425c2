"""The cache folder: where it is, that entries get in whole or not at all, and that it can be seen and cleared."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

from portolan.runners.errors import CacheFull, CacheNotWritable, EntryInUse, UnknownEntry
from portolan.runners.sources.cache import Cache, Card, remove

from .shelves import CARD, put, quiet, tell


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"HOME": "/home/mary"}, "/home/mary/.cache/portolan"),
        ({"HOME": "/home/mary", "XDG_CACHE_HOME": "/fast"}, "/fast/portolan"),
        ({"HOME": "/home/mary", "XDG_CACHE_HOME": "relative"}, "/home/mary/.cache/portolan"),
        ({"HOME": "/home/mary", "XDG_CACHE_HOME": ""}, "/home/mary/.cache/portolan"),
        ({"HOME": "/home/mary", "XDG_CACHE_HOME": "/fast", "PORTOLAN_CACHE": "/here"}, "/here"),
        ({"HOME": "/home/mary", "PORTOLAN_CACHE": ""}, "/home/mary/.cache/portolan"),
    ],
)
def test_the_folder_follows_the_xdg_rules(environment: dict[str, str], folder: str) -> None:
    assert Cache.from_environment(environment).folder == Path(folder)


def test_without_a_home_the_error_says_what_to_set() -> None:
    with pytest.raises(CacheNotWritable, match="set HOME, or PORTOLAN_CACHE"):
        Cache.from_environment({})


def test_looking_makes_nothing(cache: Cache) -> None:
    assert cache.entries() == []
    assert cache.card("firefox") is None
    assert cache.clear() == []
    assert not cache.folder.exists()


def test_an_entry_is_there_when_it_is_published(cache: Cache) -> None:
    put(cache, "firefox")
    assert cache.card("firefox") == CARD
    (entry,) = cache.entries()
    assert (entry.name, entry.kind, entry.version, entry.source) == ("firefox", "firefox", "153.7.0", "debian")
    assert entry.size >= 10_000
    assert entry.used > 0


def test_what_is_not_published_leaves_nothing(cache: Cache) -> None:
    def fail() -> None:
        with cache.building("firefox", quiet) as build:
            (build.folder / "half").write_text("half")
            (build.scratch / "target").mkdir()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert cache.entries() == []
    assert list((cache.folder / "partial").iterdir()) == []


def test_publishing_again_replaces(cache: Cache) -> None:
    put(cache, "firefox")
    put(cache, "firefox", Card(kind="firefox", version="154.0", source="debian"))
    assert [entry.version for entry in cache.entries()] == ["154.0"]
    assert list((cache.folder / "partial").iterdir()) == []


@pytest.mark.parametrize("card", [b"", b"{", b"[]", b'{"kind": 3}', None])
def test_an_entry_without_a_whole_card_is_none(cache: Cache, card: bytes | None) -> None:
    put(cache, "firefox")
    where = cache.path("firefox") / "card.json"
    if card is None:
        where.unlink()
    else:
        where.write_bytes(card)
    assert cache.card("firefox") is None
    assert cache.cards() == {}
    assert [entry.kind for entry in cache.entries()] == ["working files"]


def test_leftovers_of_the_dead_are_removed(cache: Cache) -> None:
    for name in ("firefox", "chromium"):
        (cache.folder / "partial" / name / "0badc0de" / "entry").mkdir(parents=True)
    put(cache, "firefox")
    assert list((cache.folder / "partial").iterdir()) == []


def test_what_another_process_is_making_is_left_alone(cache: Cache, other: subprocess.Popen[str]) -> None:
    tell(other, "held = cache.building('chromium', print); build = held.__enter__()")
    put(cache, "firefox")
    assert [left.name for left in (cache.folder / "partial").iterdir()] == ["chromium"]


def test_a_waiting_process_says_so_and_goes_on(cache: Cache, other: subprocess.Popen[str]) -> None:
    tell(other, "held = cache.lock('firefox', print); held.__enter__()")
    heard: list[str] = []

    def listen(text: str) -> None:
        heard.append(text)
        tell(other, "held.__exit__(None, None, None)")

    with cache.lock("firefox", listen):
        assert heard == ["Another portolan is busy with firefox; waiting for it."]


def test_clear_takes_the_named_ones(cache: Cache) -> None:
    put(cache, "firefox")
    put(cache, "chromium")
    assert [entry.name for entry in cache.clear(["firefox", "firefox"])] == ["firefox"]
    assert cache.names() == ["chromium"]


def test_clear_takes_all_and_what_is_locked_against_writing(cache: Cache) -> None:
    put(cache, "firefox")
    put(cache, "chromium")
    inside = cache.path("firefox") / "inside" / "deep"
    inside.mkdir(parents=True)
    inside.parent.chmod(0o500)
    (cache.folder / "partial" / "apt" / "dead").mkdir(parents=True)
    assert len(cache.clear()) == 2
    assert cache.names() == []
    assert list((cache.folder / "partial").iterdir()) == []


@pytest.mark.parametrize("name", ["opera", "../locks", "/etc", ""])
def test_clear_refuses_names_that_are_not_there(cache: Cache, name: str) -> None:
    put(cache, "firefox")
    with pytest.raises(UnknownEntry, match="it holds firefox"):
        cache.clear(["firefox", name])
    assert cache.names() == ["firefox"]


def test_clear_removes_nothing_if_one_is_in_use(cache: Cache, other: subprocess.Popen[str]) -> None:
    put(cache, "chromium")
    put(cache, "firefox")
    tell(other, "assert cache.use('firefox')")
    with pytest.raises(EntryInUse, match="firefox cannot be cleared: another portolan uses it"):
        cache.clear()
    assert cache.names() == ["chromium", "firefox"]
    other.kill()
    other.wait()
    assert len(cache.clear()) == 2


def test_clear_refuses_what_is_being_made(cache: Cache, other: subprocess.Popen[str]) -> None:
    put(cache, "firefox")
    tell(other, "held = cache.lock('firefox', print); held.__enter__()")
    with pytest.raises(EntryInUse, match="is making it"):
        cache.clear(["firefox"])


def test_use_notes_the_time_and_allows_the_same_process_to_clear(cache: Cache) -> None:
    put(cache, "firefox")
    assert cache.use("firefox")
    stamp = cache.folder / "locks" / "firefox.use"
    os.utime(stamp, (1, 1))
    assert [entry.used for entry in cache.entries()] == [1.0]
    assert cache.use("firefox")
    assert cache.entries()[0].used > 1
    cache.clear(["firefox"])
    assert not cache.use("firefox")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_clear_error(cache: Cache, number: int) -> None:
    with (
        pytest.raises(CacheFull, match=r"No space is left for the cache folder .*PORTOLAN_CACHE"),
        cache.building("firefox", quiet),
    ):
        raise OSError(number, os.strerror(number))
    assert cache.names() == []


def test_a_file_in_the_way_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheNotWritable, match=r"cannot be written .*set PORTOLAN_CACHE"):
        put(Cache(tmp_path / "file" / "portolan"), "firefox")


def test_a_folder_that_cannot_be_made_is_a_clear_error() -> None:
    with pytest.raises(CacheNotWritable, match="cannot be written"):
        put(Cache(Path("/proc/portolan/cache")), "firefox")


@pytest.mark.usefixtures("as_ordinary_user")
def test_a_folder_of_somebody_else_is_a_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(CacheNotWritable, match="Permission denied"):
        put(Cache(tmp_path / "cache"), "firefox")


def test_errors_that_do_not_concern_the_cache_stay_what_they_are(cache: Cache) -> None:
    with pytest.raises(FileNotFoundError), cache.building("firefox", quiet):
        raise FileNotFoundError(errno.ENOENT, "no such program", "cargo")


def test_remove_bears_what_is_not_there(tmp_path: Path) -> None:
    remove(tmp_path / "nothing")
