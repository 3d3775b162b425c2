"""Asking a program what it is: its version, and the program behind a distribution's wrapper script."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from portolan.runners.sources.base import Kind
from portolan.runners.sources.process import plain

VERSION_SECONDS = 20.0
"""How long a program may take to tell its version."""

_NUMBER = r"(\d+(?:\.\d+)*(?:[ab]\d+)?)"
_ANSWERS: Mapping[Kind, re.Pattern[str]] = {
    "firefox": re.compile(rf"(?:Firefox|Nightly)[\w ]*? {_NUMBER}(?P<esr>esr)?", re.IGNORECASE),
    "chromium": re.compile(rf"(?:Chromium|Google Chrome)[\w ]*? {_NUMBER}"),
    "geckodriver": re.compile(rf"^geckodriver {_NUMBER}"),
    "chromedriver": re.compile(rf"^ChromeDriver {_NUMBER}"),
    "web-ext": re.compile(rf"^{_NUMBER}$"),
}


class Answer(msgspec.Struct, frozen=True):
    """What a program says it is; ``problem`` is half a sentence if it is not what was expected."""

    version: str = ""
    channel: str = ""
    problem: str = ""


def ask(kind: Kind, path: str, environment: Mapping[str, str]) -> Answer:
    """Start ``path --version`` and read the answer, for at most VERSION_SECONDS."""
    try:
        done = subprocess.run(
            [path, "--version"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=VERSION_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(problem=f"did not tell its version within {VERSION_SECONDS:g} seconds")
    except OSError as problem:
        return Answer(problem=f"cannot be started ({problem.strerror})")
    said = done.stdout.decode("utf-8", "replace")
    found = next(filter(None, (_ANSWERS[kind].search(line.strip()) for line in said.splitlines())), None)
    if found is None:
        first = (said or done.stderr.decode("utf-8", "replace")).strip().partition("\n")[0]
        heard = plain(first) or f"nothing, exit code {done.returncode}"
        return Answer(problem=f"is no {kind}: to --version it answered: {heard}")
    return _answer(kind, found)


def _answer(kind: Kind, found: re.Match[str]) -> Answer:
    channels = {"firefox": _firefox_channel, "chromium": _chromium_channel}
    return Answer(version=found[1], channel=channels[kind](found) if kind in channels else "")


def _firefox_channel(found: re.Match[str]) -> str:
    """Firefox tells its channel by its version, but for Developer Edition, which has the version of a beta."""
    if "Developer Edition" in found[0]:
        return "dev"
    return "esr" if found["esr"] else "nightly" if "a" in found[1] else "beta" if "b" in found[1] else "stable"


def _chromium_channel(found: re.Match[str]) -> str:
    """Chrome names its channel but for stable; a distribution's Chromium ("built on …") is stable; others do not tell."""
    if named := re.search(r" (beta|dev|canary|unstable)\b", found.string, re.IGNORECASE):
        return {"canary": "nightly", "unstable": "dev"}.get(named[1].lower(), named[1].lower())
    is_release = " built on " in found.string or (
        found[0].startswith("Google Chrome") and "for Testing" not in found[0]
    )
    return "stable" if is_release else ""


def channel_of(kind: Kind, answer: Answer, called: str, real: str) -> str:
    """A browser's channel: as it tells; else by its folder's or its own name, where installers write it.

    Firefox Developer Edition tells the version of a beta, and mostly nothing else: the file of preferences that Mozilla
    puts beside it names its channel "aurora".
    """
    if kind == "firefox" and answer.channel == "beta" and _update_channel(Path(real)) == "aurora":
        return "dev"
    if answer.channel not in ("", "beta") or kind not in ("firefox", "chromium"):
        return answer.channel
    words = set(re.split(r"[^a-z]+", f"{Path(called).name} {Path(real).parent.name}".lower()))
    if words & {"developer", "devedition", "dev"}:
        return "dev"
    if words & {"canary", "nightly"}:
        return answer.channel or "nightly"
    return answer.channel or ("beta" if "beta" in words else "")


def _update_channel(firefox: Path) -> str:
    """The channel that Mozilla's own build of Firefox takes its updates from; "" if it does not say."""
    try:
        text = (firefox.resolve().parent / "defaults" / "pref" / "channel-prefs.js").read_text("utf-8", "replace")
    except OSError:
        return ""
    found = re.search(r'"app\.update\.channel",\s*"([\w-]+)"', text)
    return found[1] if found else ""


def behind_wrapper(path: str) -> str:
    """The program that a distribution's wrapper starts: the suite gives its own flags and must not read the wrapper's.

    Debian's ``bin/chromium`` is a script that reads ``/etc/chromium.d`` and starts ``lib/chromium/chromium``;
    ``bin/firefox`` and ``bin/firefox-esr`` lead to ``lib/firefox-esr/firefox-esr``. Anything else stays as it is.
    """
    real = Path(path).resolve()
    library = real.parent.parent / "lib"
    chromium = library / "chromium" / "chromium"
    if chromium.is_file() and b"/etc/chromium.d" in _script(real):
        return str(chromium)
    firefox = library / "firefox-esr" / "firefox-esr"
    if firefox.is_file() and b"exec firefox-esr" in _script(real):
        return str(firefox)
    return str(real) if (real.parent / "application.ini").is_file() else path


def is_snap(path: str) -> bool:
    """Whether a program is a snap, or a script that stands in for one: shut off from our profiles and sockets."""
    program = Path(path)
    return program.resolve().name == "snap" or b"/snap/bin/" in _script(program)


def _script(path: Path) -> bytes:
    """A script's text; nothing if it is not one."""
    try:
        with path.open("rb") as file:
            text = file.read(65536)
    except OSError:
        return b""
    return text if text.startswith(b"#!") else b""
