"""Portolan's own cache folder: where it is, what is in it, and how an entry gets in whole or not at all.

The folder holds ``entries/NAME/`` (each with its ``card.json``), ``partial/NAME/…`` (entries in the making) and
``locks/``. An entry is made in ``partial`` and renamed into place when it is whole, so a process that is killed leaves
nothing that looks whole; what it leaves is removed by the next one that makes or clears anything.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from portolan.runners.errors import CacheFull, CacheNotWritable, EntryInUse, UnknownEntry
from portolan.runners.sources.cache_limit import Entry, limit_of, make_room

CARD = "card.json"
_FULL = {errno.ENOSPC, errno.EDQUOT}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ENOENT}

# Entries in use by this process, by lock file: the descriptors stay open, so that no other process clears them.
_held: dict[Path, int] = {}


class Card(msgspec.Struct, frozen=True):
    """What an entry says of itself; its being there is the sign that the entry is whole."""

    kind: str
    version: str
    source: str
    detail: dict[str, str] = {}


class Build(msgspec.Struct, frozen=True):
    """An entry in the making: fill ``folder``, put what is thrown away into ``scratch``, then publish."""

    folder: Path
    scratch: Path
    target: Path
    lock: int

    def publish(self, card: Card) -> None:
        """Put the finished folder in its place, at once, in the stead of one that no longer serves."""
        (self.folder / CARD).write_bytes(msgspec.json.encode(card))
        with contextlib.suppress(FileNotFoundError):
            self.target.rename(self.scratch / "replaced")
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.folder.rename(self.target)


class Cache:
    """The cache folder, for sources that fill it and for ``portolan cache``. Nothing is made before it is needed.

    ``limit``: how many bytes it may have after an entry was added; None is no limit.
    """

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        self.folder = folder
        self.limit = limit

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Cache:
        """The user's cache: PORTOLAN_CACHE, else the XDG rules; and PORTOLAN_CACHE_LIMIT.

        Raises CacheNotWritable if there is no home, and CacheLimitWrong.
        """
        known = os.environ if environment is None else environment
        limit = limit_of(known)
        if known.get("PORTOLAN_CACHE"):
            return cls(Path(os.path.expanduser(known["PORTOLAN_CACHE"])).absolute(), limit)
        xdg = known.get("XDG_CACHE_HOME", "")
        if os.path.isabs(xdg):
            return cls(Path(xdg, "portolan"), limit)
        if os.path.isabs(known.get("HOME", "")):
            return cls(Path(known["HOME"], ".cache", "portolan"), limit)
        raise CacheNotWritable("There is no home folder to keep browsers in: set HOME, or PORTOLAN_CACHE to a folder.")

    # --- reading ------------------------------------------------------------------------------------------------

    def path(self, name: str) -> Path:
        """Where an entry is, or will be."""
        return self.folder / "entries" / name

    def card(self, name: str) -> Card | None:
        """An entry's card, or None if there is no whole entry of that name."""
        try:
            return msgspec.json.decode((self.path(name) / CARD).read_bytes(), type=Card)
        except (OSError, msgspec.DecodeError):
            return None

    def names(self) -> list[str]:
        """The names of everything that is kept, in alphabetical order."""
        try:
            return sorted(child.name for child in (self.folder / "entries").iterdir() if child.is_dir())
        except OSError:
            return []

    def cards(self) -> dict[str, Card]:
        """All whole entries' cards, by name."""
        found = {name: self.card(name) for name in self.names()}
        return {name: card for name, card in found.items() if card is not None}

    def entries(self) -> list[Entry]:
        """Everything that is kept, with sizes; working files (package lists) have no version."""
        listed = []
        for name in self.names():
            card = self.card(name) or Card(kind="working files", version="", source="")
            listed.append(Entry(name, card.kind, card.version, card.source, _size(self.path(name)), self._used(name)))
        return listed

    def use(self, name: str) -> bool:
        """Note that an entry is used, and keep other processes from clearing it until this one ends.

        False if it was cleared in that moment.
        """
        where = self._lock_file(name, "use")
        with contextlib.suppress(OSError):
            if where not in _held:
                _held[where] = self._open_lock(name, "use")
                fcntl.flock(_held[where], fcntl.LOCK_SH)
            os.utime(where)
        return self.card(name) is not None

    # --- writing ------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def lock(self, name: str, say: Callable[[str], None]) -> Iterator[int]:
        """Hold an entry's lock; wait for another process that has it, and say so.

        The descriptor is for ``pass_fds``: a program that outlives this process keeps the lock until it ends.
        Raises CacheNotWritable and CacheFull, also for what the body meets.
        """
        with self._explained():
            descriptor = self._open_lock(name, "lock")
            try:
                if not _taken(descriptor):
                    say(f"Another portolan is busy with {name}; waiting for it.")
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield descriptor
            finally:
                os.close(descriptor)

    @contextlib.contextmanager
    def building(
        self, name: str, say: Callable[[str], None], note: Callable[[str], None] | None = None
    ) -> Iterator[Build]:
        """Make an entry, alone; whatever is not published is removed. Raises as ``lock`` does.

        When it is published, the entries that were used longest ago go, if the cache is too large now; never one in
        use. ``note`` is told what was removed (``say`` if there is none).
        """
        with self.lock(name, say) as descriptor:
            self._sweep(own=name)
            place = self.folder / "partial" / name / secrets.token_hex(4)
            build = Build(folder=place / "entry", scratch=place / "scratch", target=self.path(name), lock=descriptor)
            build.folder.mkdir(parents=True)
            build.scratch.mkdir()
            try:
                yield build
                published = not build.folder.exists()
            finally:
                remove(place.parent)
            if published and self.limit is not None:
                make_room(self.entries(), self.limit, name, self._removed, note or say)

    def clear(self, names: Iterable[str] | None = None) -> list[Entry]:
        """Remove the named entries, or all, and the leftovers of dead attempts; tell what was removed.

        Raises UnknownEntry and EntryInUse, before anything is removed.
        """
        known = {entry.name: entry for entry in self.entries()}
        chosen = list(known) if names is None else list(dict.fromkeys(names))
        for name in chosen:
            if name not in known:
                there = ", ".join(known) or "nothing"
                raise UnknownEntry(f"There is no {name!r} in the cache {self.folder}; it holds {there}.")
        if not self.folder.exists():
            return []
        with contextlib.ExitStack() as locks, self._explained():
            for name in chosen:
                locks.callback(os.close, self._alone(name, "use"))
                locks.callback(os.close, self._alone(name, "lock"))
            for name in chosen:
                self._bury(name)
            self._sweep(own="")
        return [known[name] for name in chosen]

    # --- inside -------------------------------------------------------------------------------------------------

    def _lock_file(self, name: str, ending: str) -> Path:
        return self.folder / "locks" / f"{name}.{ending}"

    def _open_lock(self, name: str, ending: str) -> int:
        where = self._lock_file(name, ending)
        where.parent.mkdir(parents=True, exist_ok=True)
        return os.open(where, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def _alone(self, name: str, ending: str) -> int:
        """The entry's lock, at once. Raises EntryInUse."""
        if ending == "use" and (mine := _held.pop(self._lock_file(name, ending), None)) is not None:
            os.close(mine)
        descriptor = self._open_lock(name, ending)
        if not _taken(descriptor):
            os.close(descriptor)
            doing = "uses it" if ending == "use" else "is making it"
            raise EntryInUse(f"The entry {name} cannot be cleared: another portolan {doing}; wait for that one to end.")
        return descriptor

    def _removed(self, name: str) -> bool:
        """Remove an entry, unless anybody, this process too, uses it or makes it anew."""
        with contextlib.ExitStack() as locks:
            for ending in ("use", "lock"):
                descriptor = self._open_lock(name, ending)
                locks.callback(os.close, descriptor)
                if not _taken(descriptor):
                    return False
            if self.path(name).exists():
                self._bury(name)
        return True

    def _bury(self, name: str) -> None:
        """Take an entry out of sight at once, and then remove it; the caller holds its locks."""
        grave = self.folder / "partial" / name / secrets.token_hex(4)
        grave.parent.mkdir(parents=True, exist_ok=True)
        self.path(name).rename(grave)
        remove(grave.parent)

    def _used(self, name: str) -> float:
        for where in (self._lock_file(name, "use"), self.path(name) / CARD, self.path(name)):
            with contextlib.suppress(OSError):
                return where.stat().st_mtime
        return 0.0

    def _sweep(self, own: str) -> None:
        """Remove what dead processes left in the making; ``own`` is the entry whose lock the caller holds."""
        with contextlib.suppress(FileNotFoundError):
            for left in list((self.folder / "partial").iterdir()):
                if left.name == own:
                    remove(left)
                    continue
                descriptor = self._open_lock(left.name, "lock")
                try:
                    if _taken(descriptor):
                        remove(left)
                finally:
                    os.close(descriptor)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Errors of the cache folder, as one sentence each."""
        try:
            yield
        except OSError as problem:
            if problem.errno in _FULL:
                raise full(self.folder) from problem
            if problem.errno in _CLOSED and self._concerns(problem):
                raise CacheNotWritable(
                    f"The cache folder {self.folder} cannot be written ({problem.strerror}: {problem.filename}); "
                    "make it writable, or set PORTOLAN_CACHE to another folder."
                ) from problem
            raise

    def _concerns(self, problem: OSError) -> bool:
        """Whether a problem is with a path in the cache folder, or with one that the cache folder is in."""
        where = Path(str(problem.filename))
        if problem.errno == errno.ENOENT:  # a folder above that cannot be made, as in /proc
            return self.folder.is_relative_to(where)
        return self.folder.is_relative_to(where) or where.is_relative_to(self.folder)


def full(folder: Path) -> CacheFull:
    """The error for a cache folder without space, with what is left."""
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(folder).free // 1_000_000
        return CacheFull(
            f"No space is left for the cache folder {folder} ({free} MB free, a browser takes up to 1000 MB); "
            "free some, or set PORTOLAN_CACHE to another folder."
        )
    return CacheFull(f"No space is left for the cache folder {folder}.")


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, folders without write permission too; nothing there is fine."""
    if not folder.exists():
        return
    _open_up(folder)
    for where, folders, _ in os.walk(folder):
        for name in folders:
            _open_up(Path(where, name))
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _open_up(folder: Path) -> None:
    with contextlib.suppress(OSError):
        mode = folder.lstat().st_mode
        if stat.S_ISDIR(mode) and mode & 0o700 != 0o700:
            folder.chmod(0o700)


def _taken(descriptor: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _size(folder: Path) -> int:
    """What a folder takes on the disk, in bytes."""
    total = 0
    for where, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(where, name)).st_blocks * 512
    return total
