"""Source "geckodriver-autoinstaller": geckodriver's newest release, got by the package of that name.

The package (0.1.0) has weaknesses, each of which is guarded here: it wants a ``firefox`` in PATH, whatever version is to be
driven (a stand-in is given to it); it writes beside its own modules or into the current folder (it runs in a scratch
folder of the cache); it unpacks whatever the archive says, whole or not (``autoinstalling`` checks it); it knows no time
limit (it runs in a process of its own, which is ended); it asks the site even for what it has (it is not called then); and
it knows only x86-64 on Linux. The release has no checksum to compare with, so the program must tell its version.
"""

from __future__ import annotations

import importlib.util
import platform
import re
import sys
import tarfile
from pathlib import Path

from portolan.runners.errors import FetchFailed
from portolan.runners.sources.base import Kind, Offer, Place, Progress, Tool, Want
from portolan.runners.sources.cache import Build, full
from portolan.runners.sources.downloads import autoinstalling
from portolan.runners.sources.downloads.vendors import GECKODRIVER_FILES, Release, file_of, host_of
from portolan.runners.sources.downloads.web import Web
from portolan.runners.sources.fitting import OLDEST, older
from portolan.runners.sources.kept import Kept, Program
from portolan.runners.sources.probe import ask
from portolan.runners.sources.process import run

FETCH_SECONDS = 300.0
"""How long the package may take for the few megabytes of a geckodriver."""

PACKAGE = "geckodriver_autoinstaller"

_MACHINES = ("x86_64", "amd64")
_TAG = re.compile(r"/tag/v(\d+(?:\.\d+)+)$")


class GeckodriverAutoinstaller:
    """The newest geckodriver, whichever that is; older ones cannot be had from here."""

    name = "geckodriver-autoinstaller"
    kinds: frozenset[Kind] = frozenset({"geckodriver"})

    def __init__(self, place: Place) -> None:
        self._cache = place.cache
        self._environment = place.environment
        self._kept = Kept(place.cache, self.name)
        self._web = Web(place.environment)
        self._reasons: dict[Want, str] = {}

    def find(self, want: Want) -> Tool | None:
        """The newest one fetched before."""
        return self._kept.find(want, self._reasons)

    def tools(self, kind: Kind) -> list[Tool]:
        """Everything fetched before."""
        return self._kept.tools(Want(kind))

    def offer(self, want: Want) -> Offer | None:
        """The newest release, if it is what is wanted."""
        if want.kind not in self.kinds:
            return None
        problem = _unable()
        try:
            version = "" if problem else self._newest()
        except FetchFailed as failure:
            version, problem = "", str(failure)
        if version and not want.fits(version):
            problem = f"it gets the newest geckodriver alone, {version}"
        self._reasons[want] = problem or f"geckodriver {version} can be had"
        if problem:
            return None
        release = Release("geckodriver", version, version)
        return Offer(
            kind="geckodriver",
            version=version,
            origin="Mozilla's geckodriver releases, by geckodriver-autoinstaller",
            size=self._web.size(file_of(release)),
            source=self.name,
            package=version,
            hosts=(host_of(release),),
        )

    def offers(self, kind: Kind) -> list[Offer]:
        """The newest release."""
        offer = self.offer(Want(kind))
        return [offer] if offer else []

    def fetch(self, offer: Offer, progress: Progress) -> Tool:
        """Let the package download it, prove that it starts, and only then put it into its place."""
        return self._kept.fetch(offer, progress, self._make, "geckodriver-autoinstaller downloads it")

    def reason(self, want: Want) -> str:
        """What was found or offered, or why nothing was."""
        return self._reasons.get(want, "nothing fetched yet")

    def _newest(self) -> str:
        """The newest release's version, by where the site's "latest" leads. Raises FetchFailed in half a sentence."""
        where = self._web.redirection(GECKODRIVER_FILES + "latest")
        tag = _TAG.search(where)
        if tag is None:
            raise FetchFailed("github.com does not say which geckodriver is the newest")
        if older(tag[1], OLDEST["geckodriver"]):
            raise FetchFailed(
                f"the newest geckodriver is {tag[1]}, but {OLDEST['geckodriver']} is the oldest that serves"
            )
        return tag[1]

    def _make(self, build: Build, offer: Offer) -> dict[Kind, Program]:
        what = f"geckodriver {offer.version}"
        program = self._run(build, what)
        kept = build.folder / "bin" / "geckodriver"
        kept.parent.mkdir()
        program.rename(kept)
        kept.chmod(0o755)
        answer = ask("geckodriver", str(kept), self._environment)
        if answer.problem:
            raise FetchFailed(f"{what} was downloaded, but it {answer.problem}.")
        if answer.version != offer.version:
            raise FetchFailed(f"{what} was asked for, but {answer.version} was downloaded.")
        return {"geckodriver": Program("geckodriver", answer.version, "bin/geckodriver")}

    def _run(self, build: Build, what: str) -> Path:
        """Where the package has put the program, in the scratch folder. Raises FetchFailed and CacheFull."""
        work, stand_in = build.scratch / "work", build.scratch / "bin" / "firefox"
        work.mkdir()
        stand_in.parent.mkdir()
        stand_in.write_text("#!/bin/sh\necho Mozilla Firefox 159.0\n")
        stand_in.chmod(0o755)
        setting = {**self._environment, "HOME": str(build.scratch), "TMPDIR": str(work), "PATH": str(stand_in.parent)}
        command = [sys.executable, "-I", "-B", autoinstalling.__file__]
        done = run(command, setting, folder=work, keep=(build.lock,), seconds=FETCH_SECONDS, bound=True)
        if done.late:
            raise FetchFailed(f"geckodriver-autoinstaller did not get {what} within {FETCH_SECONDS:g} seconds.")
        if done.full:
            raise full(self._cache.folder)
        if done.code != 0:
            raise FetchFailed(f"geckodriver-autoinstaller could not get {what}: {done.complaint()}.")
        found = [path for path in work.glob("*/geckodriver") if path.is_file() and not path.is_symlink()]
        if len(found) != 1:
            raise FetchFailed(f"geckodriver-autoinstaller got no {what}.")
        return found[0]


def _unable() -> str:
    """Half a sentence, if the package is not there or has nothing for this machine."""
    if platform.system() != "Linux" or platform.machine() not in _MACHINES:
        return f"it knows nothing for {platform.system()} {platform.machine()}, only for Linux on x86-64"
    if importlib.util.find_spec(PACKAGE) is None:
        return "the package geckodriver-autoinstaller is not installed"
    if not hasattr(tarfile, "data_filter"):
        return "this Python cannot unpack an archive safely, 3.11.4 or newer can"
    return ""
