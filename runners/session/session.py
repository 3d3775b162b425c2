"""A running browser: its driver under a guard, its folder, its native hosts, its extensions, its stage.

Everything that a session writes lies in one folder, which the guard removes when the session ends, however it ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TextIO, TypeVar, cast

import psutil
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.service import Service
from selenium.webdriver.remote.webdriver import WebDriver

from portolan.conformance.errors import PortolanError
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Browser, Recording
from portolan.runners.errors import NoSuchManifest
from portolan.runners.playing.incarnations import Missing, NotThere
from portolan.runners.playing.player import Outside, Player, Setting
from portolan.runners.playing.settle import TWIN_HOST
from portolan.runners.playing.stage import Stage
from portolan.runners.session.cleanup import END_SECONDS, MARK, end_marked, own, remove
from portolan.runners.session.cleanup import sweep as sweep
from portolan.runners.session.collector import Collector, Link
from portolan.runners.session.extensions import Family, Made, Variant, generate, sources
from portolan.runners.session.server import Pages
from portolan.runners.session.webdriver_service import LOG
from portolan.runners.sources import Tool
from portolan.runners.sources.debian.confinement import entered, script

T = TypeVar("T")

TROUPES: dict[Family, int] = {"firefox": 2, "chromium": 4}
"""Copies of the extensions, for plays that wait beside the others: Chromium's idle time is 30 s and cannot be shortened."""

ODD = ("-misnamed", ".relative", ".typeless", ".fileless", ".unrunnable")
"""Ends of the names of applications that are wrong in one way each."""

LONGEST_TEMPORARY = 60
"""Chromium puts a socket into its temporary folder, and a socket's path has at most 107 bytes."""

START_SECONDS = 60.0
DIAGNOSIS_SECONDS = 3.0
GLANCE_SECONDS = 0.1


class BrowserDidNotStart(PortolanError):
    """A browser or its driver could not be started; the text ends with its own last lines."""


class Driving(Protocol):
    """What differs between families: how a browser is started, and how it is reached from outside."""

    family: Family

    @property
    def confined(self) -> bool:
        """Whether the browser runs in a system root of its own."""

    def adapt(self, manifest: dict[str, Any]) -> None:
        """Change an extension's manifest to what this version takes."""

    def environment(self, folder: Path) -> dict[str, str]:
        """Variables for the driver and so for the browser."""

    def manifests(self, folder: Path) -> Path:
        """Where this browser looks for native-messaging manifests."""

    def start(self, driver: Path, folder: Path, extensions: dict[str, Made], environment: dict[str, str]) -> WebDriver:
        """Start the browser with the extensions in it. Raises WebDriverException."""

    def outside(self, driver: WebDriver, extensions: dict[str, Made]) -> Outside:
        """What only WebDriver can do."""

    def describe(self, driver: WebDriver) -> Browser:
        """Which browser this is."""

    def process(self, driver: WebDriver, guard: psutil.Process) -> psutil.Process | None:
        """The browser's main process."""


class Told:
    """An Outside whose failures are told before they are raised."""

    def __init__(self, outside: Outside, on_failure: Callable[[], None]) -> None:
        self._outside, self._on_failure = outside, on_failure

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._outside, name)
        return self._telling(found) if callable(found) else found

    def _telling(self, do: Callable[..., T]) -> Callable[..., T]:
        def told(*args: Any) -> T:
            try:
                return do(*args)
            except NotThere:
                raise
            except Exception:
                self._on_failure()
                raise

        return told


class Session:
    """One browser with its stage. ``start()``, ``play()`` as often as wanted, ``close()``."""

    def __init__(self, driving: Driving, manifest: int, driver: Tool, sessions: Path, factor: float = 1.0) -> None:
        self.driving = driving
        self.manifest = manifest
        self.driver = driver
        self.factor = factor
        self.id = uuid.uuid4().hex[:12]
        self.folder = sessions / self.id
        self.stage = Stage()
        self.plays = 0
        self.browser: Browser | None = None
        self.guard: psutil.Process | None = None
        self.process: psutil.Process | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stage", daemon=True)
        self._settings: list[Setting] = []
        self._beside: dict[tuple[str, int], asyncio.Task[Recording]] = {}
        self._pages: Pages | None = None
        self._collector: Collector | None = None
        self._driver: WebDriver | None = None
        self._owned: TextIO | None = None
        self._closing = False
        self._observed = False
        self._spoiled: str | None = None

    # ---- for the runner, from any thread

    def start(self) -> Browser:
        """Start the browser and wait for its observer. Raises BrowserDidNotStart with the browser's own last lines."""
        self._thread.start()
        try:
            self._call(self._open())
            self._start_driver()
            self._call(self._ready())
        except BaseException:
            self.close()
            raise
        assert self.browser
        return self.browser

    def prepare(self, plays: Sequence[tuple[Scenario, int]]) -> None:
        """Begin those of these plays that wait for a clock of the browser's, idle time first: they run beside the others.

        Each gets a troupe of its own, and waits for it in turn. Those that have to be alone are left for later.
        """
        waiting = (play for play in plays if play[0].waits and not self._alone(play[0]))
        if in_turn := sorted(waiting, key=lambda play: not play[0].idle):
            self._call(self._begin_beside(in_turn))

    def _alone(self, scenario: Scenario) -> bool:
        """Whether it changes what all backgrounds share: Firefox's idle time, which is shortened, or its process."""
        outside = self._settings[0].outside
        return (scenario.idle and outside.shortens_idle_time) or (
            scenario.crashes_extensions and outside.extensions_share_a_process
        )

    def play(self, scenario: Scenario, repeat: int = 1) -> Recording:
        """Play one scenario; one that is running beside the others is waited for."""
        play = self._call(self._play(scenario, repeat))
        if play.outcome != "ok":
            self._spoiled = f"{scenario.name} ended as {play.outcome}: {play.reason}"
        return play

    @property
    def broken(self) -> str | None:
        """Why no more plays should be done in it, if so: it has ended, or a play did not come to a good end in it, or left it changed."""
        return self.stage.crashed or self.stage.fault or self._spoiled or self.stage.spent

    def close(self) -> None:
        """End the browser and everything that belongs to it. Plays that still run are given up."""
        self._closing = True
        self._end_processes()
        if self._thread.is_alive():
            self._call(self._give_up())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        if not self._loop.is_closed():
            self._loop.close()
        if self._pages:
            self._pages.close()
            self._pages = None
        remove(self.folder)
        if self._owned:
            self._owned.close()

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _give_up(self) -> None:
        if self._collector:
            await self._collector.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_default_executor()

    # ---- starting

    async def _open(self) -> None:
        self._collector = Collector(self._linked, self.stage.envelope, self.stage.unlink)
        await self._collector.open()

    def _linked(self, link: Link) -> None:
        """A native host has connected. An observer that was started anew knows nothing of the plays, and is turned away, but where one is waited for."""
        if link.hello["role"] == "observer" and self._observed and not self.stage.away:
            link.close()
            return
        self._observed = self._observed or link.hello["role"] == "observer"
        self.stage.link(link)

    def _start_driver(self) -> None:
        self._pages = Pages(lambda *who: self._loop.call_soon_threadsafe(self.stage.on_cached, *who))
        temporary = self._temporary()
        self.folder.mkdir(mode=0o700, parents=True)
        self._owned = own(self.folder, temporary)
        for path in (temporary, *(self.folder / name for name in ("home", "hosts", "extensions"))):
            path.mkdir(mode=0o700)
        family = self.driving.family
        troupes = [
            generate(Variant(family, self.manifest, n), self.folder / "extensions", self.driving.adapt)
            for n in range(TROUPES[family])
        ]
        extensions = {f"{name}{n or ''}": made for n, troupe in enumerate(troupes) for name, made in troupe.items()}
        self._install_hosts(extensions)
        environment = self._environment(temporary)
        try:
            self._driver = self.driving.start(self._guarded(temporary), self.folder, extensions, environment)
        except (WebDriverException, OSError) as error:
            raise BrowserDidNotStart(
                f"{self.driving.family} did not start: {_first_line(error)}{self._last_lines()}"
            ) from error
        service: Service = self._driver.service  # type: ignore[attr-defined]
        self.guard = psutil.Process(service.process.pid)
        self.process = self.driving.process(self._driver, self.guard)
        self.browser = self.driving.describe(self._driver)
        self.stage.on_lost = self._lost
        threading.Thread(target=self._watch_guard, args=(service.process,), daemon=True).start()
        outside = cast("Outside", Told(self.driving.outside(self._driver, extensions), self._webdriver_failed))
        self._settings = [
            Setting(self.stage, self._pages, made, outside, family, self.factor, n) for n, made in enumerate(troupes)
        ]

    async def _ready(self) -> None:
        seconds = START_SECONDS * self.factor
        try:
            await self.stage.until(lambda: self.stage.observer_ready, seconds, "the observer")
        except Exception as error:
            raise BrowserDidNotStart(
                f"{self.driving.family} started, but its observer did not report: {error}{self._last_lines()}"
            ) from error
        await self._extensions_loaded(seconds)
        with suppress(
            Missing
        ):  # one that is only woken later must not be woken while it starts: Chromium 120 never lets it idle then
            await self.stage.until(self._all_up, seconds, "the backgrounds")

    async def _extensions_loaded(self, seconds: float) -> None:
        """Find out whether the browser loads extensions of this manifest version. Raises NoSuchManifest."""
        if self.driving.family != "chromium":
            return  # Firefox would have refused to install them
        wanted = {made.id for setting in self._settings for made in setting.extensions.values()}
        there = (await self.stage.command("installed", seconds, extensions=sorted(wanted)))["installed"]
        if wanted - set(there):
            assert self.browser
            raise NoSuchManifest(
                f"{self.browser.family} {self.browser.version} does not load extensions of Manifest V{self.manifest}."
            )

    def _all_up(self) -> bool:
        actors = ("background", "peer")
        return all(self.stage.living(actor, None, setting.troupe) for setting in self._settings for actor in actors)

    def _temporary(self) -> Path:
        """The browser's temporary folder: in the session's own, or a private one where that path is too long."""
        own = self.folder / "tmp"
        return own if len(os.fsencode(own)) <= LONGEST_TEMPORARY else Path("/tmp", f"portolan-{self.id}")

    def _environment(self, temporary: Path) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "DBUS_", "MOZ_"))}
        own = {"HOME": str(self.folder / "home"), "TMPDIR": str(temporary), MARK: self.id}
        return {**kept, **own, **self.driving.environment(self.folder)}

    def _guarded(self, temporary: Path) -> Path:
        guard = Path(__file__).with_name("reaper.py")
        driver = entered(self.driver, (self.folder, temporary))
        words = [sys.executable, "-IS", str(guard), str(temporary), str(self.folder), *driver]
        return script(self.folder / "driver", words)

    def _install_hosts(self, extensions: dict[str, Made]) -> None:
        assert self._collector
        folder = self.driving.manifests(self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        everyone = list(extensions)
        applications = {TWIN_HOST: ["observer"]}
        for number in ("", "2", "3"):  # as many in one play (portolan.runners.playing.incarnations.HOSTS)
            applications |= {f"portolan.application{number}": everyone, f"portolan.forbidden{number}": []}
            applications |= {f"portolan{odd}{number}": everyone for odd in ODD}
        self._install_host(folder, "portolan.observer", "relay.py", [extensions["observer"]])
        for name, allowed in applications.items():
            self._install_host(folder, name, "application.py", [extensions[one] for one in allowed])

    def _install_host(self, folder: Path, name: str, program: str, allowed: list[Made]) -> None:
        assert self._collector
        path = self.folder / "hosts" / f"{name}.py"
        path.write_text(
            f"#!{_python(confined=self.driving.confined)} -IS\n" + (sources() / "native" / program).read_text()
        )
        if ".unrunnable" not in name:
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        if ".fileless" in name:
            path.unlink()
        config = {"port": self._collector.port, "token": self._collector.token, "name": name}
        Path(f"{path}.json").write_text(json.dumps(config))
        manifest: dict[str, object] = {"name": name, "description": "Portolan"}
        manifest["path"] = path.name if ".relative" in name else str(path)
        manifest["type"] = "pipe" if ".typeless" in name else "stdio"
        if self.driving.family == "firefox":
            manifest["allowed_extensions"] = [one.id for one in allowed] or ["nobody@portolan.test"]
        else:
            manifest["allowed_origins"] = [f"chrome-extension://{one.id}/" for one in allowed] or [
                f"chrome-extension://{'a' * 32}/"
            ]
        (folder / f"{name}.json").write_text(json.dumps(manifest))

    def _last_lines(self) -> str:
        log = self.folder / LOG
        lines = log.read_text(errors="replace").splitlines()[-6:] if log.exists() else []
        return "".join(f"\n  | {line[:300]}" for line in lines)

    # ---- playing

    async def _play(self, scenario: Scenario, repeat: int) -> Recording:
        if beside := self._beside.pop((scenario.name, repeat), None):
            return await beside
        if self._alone(scenario):
            await asyncio.gather(*self._beside.values())
        return await self._player(self._settings[0], scenario, repeat).play()

    def _player(self, setting: Setting, scenario: Scenario, repeat: int) -> Player:
        self.plays += 1
        return Player(setting, scenario, f"p{self.plays}", repeat)

    async def _begin_beside(self, waiting: list[tuple[Scenario, int]]) -> None:
        troupes = self._settings[1:]
        free: asyncio.Queue[Setting] = asyncio.Queue()
        for setting in troupes:
            free.put_nowait(setting)
        for scenario, repeat in waiting:
            self._beside[scenario.name, repeat] = asyncio.create_task(self._play_beside(free, scenario, repeat))

    async def _play_beside(self, free: asyncio.Queue[Setting], scenario: Scenario, repeat: int) -> Recording:
        setting = await free.get()
        try:
            return await self._player(setting, scenario, repeat).play()
        finally:
            free.put_nowait(setting)

    # ---- ending

    def _lost(self) -> None:
        """The observer's host has ended: was it the host alone, or the browser with it?"""
        if not self._closing:
            task = self._loop.create_task(asyncio.to_thread(self._has_ended))
            task.add_done_callback(self._diagnosed)

    def _diagnosed(self, task: asyncio.Task[bool]) -> None:
        if task.cancelled():
            return
        if task.result():
            self.stage.crash("the browser ended")
        else:
            self.stage.fail("the observer's native host ended, and the browser did not")

    def _has_ended(self) -> bool:
        """Whether the browser's main process has ended, or ends now."""
        deadline = time.monotonic() + DIAGNOSIS_SECONDS
        while self.process is not None and time.monotonic() < deadline:
            with suppress(psutil.TimeoutExpired):
                self.process.wait(GLANCE_SECONDS)
                return True
            with suppress(psutil.NoSuchProcess):
                if self.process.status() == psutil.STATUS_ZOMBIE:
                    return True  # its driver has not asked for its exit code
        return self.process is None

    def _webdriver_failed(self) -> None:
        """In a thread of its own: was it because the browser has ended? Said before the failure itself reaches the play."""
        if self._has_ended():
            self._loop.call_soon_threadsafe(self.stage.crash, "the browser ended")

    def _watch_guard(self, process: subprocess.Popen[bytes]) -> None:
        code = process.wait()
        if self._closing:
            return
        with suppress(RuntimeError):  # the loop was closed just now
            if code == 0:
                self._loop.call_soon_threadsafe(self.stage.crash, "the driver ended")
            else:
                self._loop.call_soon_threadsafe(self.stage.fail, f"the driver's guard ended ({_ended_by(code)})")

    def _end_processes(self) -> None:
        if self._driver is not None:
            driver, self._driver = self._driver, None
            service: Service = driver.service  # type: ignore[attr-defined]
            service.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                service.process.wait(END_SECONDS)
            end_marked(self.id)
            service.stop()  # which closes its pipes and its log
            driver.command_executor.close()  # type: ignore[union-attr]
        end_marked(self.id)


def _ended_by(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _python(*, confined: bool) -> str:
    """The interpreter of the native hosts: the system's own starts fastest, and is the one that a root has."""
    system = Path("/usr/bin/python3")
    return str(system if confined or system.exists() else Path(sys.executable).resolve())


def _first_line(error: BaseException) -> str:
    text = getattr(error, "msg", None) or str(error) or type(error).__name__
    return str(text).strip().splitlines()[0]
