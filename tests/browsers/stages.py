"""Where the tests' sessions live and what they could leave behind; and a browser to play in."""

from __future__ import annotations

import os
import pwd
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Recording
from portolan.runners.session.cleanup import marked
from portolan.runners.session.extensions import Family
from portolan.runners.session.launch import launch
from portolan.runners.session.session import Session
from portolan.runners.sources import Kind, Tool

from .holding import FACTOR

FAMILIES: tuple[Family, ...] = ("firefox", "chromium")
SECONDS = 120.0
STRAY = re.compile(r"chrom|moz|firefox|gecko|webdriver|selenium|scoped_dir|dconf|^Temp-", re.IGNORECASE)
"""Names that browsers and drivers give to temporary files. Others work in the same folder."""

USERS_OWN = (
    ".mozilla",
    ".config/mozilla",
    ".config/chromium",
    ".config/google-chrome",
    ".cache/mozilla",
    ".cache/chromium",
    ".cache/selenium",
    ".pki",
)
"""Where browsers keep things in a home."""


class Place:
    """What a test's runners may write to, and all that they must leave as it was."""

    def __init__(self, sessions: Path, home: Path, temporary: Path) -> None:
        self.sessions, self.home, self.temporary = sessions, home, temporary
        self._before = self._outside()

    def leftovers(self, session: str) -> list[str]:
        """What is left of a session that has ended: processes, its folders, and whatever lies where nothing should."""
        processes = [str(process) for process in belonging(session)]
        folders = [path for path in below(self.sessions) if Path(path).name == session]
        folders += [str(elsewhere(session))] if elsewhere(session).exists() else []
        written = [*below(self.home), *below(self.temporary)]
        return [*processes, *folders, *written, *sorted(self._outside() - self._before)]

    def assert_nothing_left(self, session: str) -> None:
        """Nothing is left of a session; what is being ended just now is waited for."""
        until(lambda: not self.leftovers(session), lambda: f"left of the session: {self.leftovers(session)}")

    def _outside(self) -> set[str]:
        real = Path(pwd.getpwuid(os.getuid()).pw_dir)
        homes = {f"{path} of {path.stat().st_mtime_ns}" for name in USERS_OWN if (path := real / name).exists()}
        return homes | {str(path) for path in Path("/tmp").iterdir() if STRAY.search(path.name)}


def below(folder: Path) -> list[str]:
    """Everything in a folder, also while it is being removed."""
    return [os.path.join(where, name) for where, folders, files in os.walk(folder) for name in (*folders, *files)]


def elsewhere(session: str) -> Path:
    """The temporary folder of a session whose own folder has a long path."""
    return Path("/tmp", f"portolan-{session}")


def belonging(session: str) -> list[psutil.Process]:
    """Every process of a session: those with its mark, and those whose command names its folder."""
    known = {process.pid: process for process in marked(session)}
    for process in psutil.process_iter(["cmdline"]):
        if process.pid != os.getpid() and any(session in word for word in process.info["cmdline"] or ()):
            known.setdefault(process.pid, process)
    return [process for process in known.values() if _lives(process)]


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def until(condition: Callable[[], object], what: Callable[[], str], seconds: float = SECONDS) -> None:
    """Wait for a condition that nothing announces; fails with ``what`` at the deadline."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what()
        pause.wait(0.02)


class Stage:
    """One browser after another: the one that is there, or a new one where it is broken."""

    def __init__(self, family: Family, tools: Mapping[Kind, Tool], place: Place, manifest: int = 3) -> None:
        self.family, self.tools, self.place, self.manifest = family, tools, place, manifest
        self._session: Session | None = None

    def session(self) -> Session:
        """A session that works."""
        if self._session is None or self._session.broken:
            self.close()
            self._session = launch(
                self.family, self.manifest, self.tools, sessions_folder=self.place.sessions, factor=FACTOR
            )
            self._session.start()
        return self._session

    @contextmanager
    def playing(self, scenario: Scenario) -> Iterator[Future[Recording]]:
        """Play a scenario in the meantime; where that is not awaited, the session is ended."""
        session = self.session()
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(session.play, scenario)
            try:
                yield future
            finally:
                if not future.done():
                    self.close()

    def close(self) -> None:
        """End it."""
        if self._session:
            session, self._session = self._session, None
            session.close()
