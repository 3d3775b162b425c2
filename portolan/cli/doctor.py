"""What ``portolan doctor`` finds out: the tools that are there, and whether a small scenario plays in each browser."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from portolan.conformance.errors import PortolanError
from portolan.conformance.judging.expectations import Expectations
from portolan.conformance.trace.values import plain
from portolan.pytest_plugin.play_service import PlayService
from portolan.reports.load import EXPECTED, INCOMPLETE, UNEXPECTED, judge_play
from portolan.run_header import version
from portolan.selection import selection as choice
from portolan.selection.settings import Settings
from portolan.selection.targets import Target
from portolan.smoke import smoke_scenario

if TYPE_CHECKING:
    from portolan.runners.sources import Finding


class ToolReport(msgspec.Struct, frozen=True):
    """One kind of tool: where it is, or how to get it, and what each source says. ``browser``: whose it is, by name."""

    kind: str
    there: str
    remedy: str
    reasons: dict[str, str]
    browser: str = ""


class Trial(msgspec.Struct, frozen=True):
    """The small scenario in one browser. ``fault``: it could not be judged, so nothing is known of the browser."""

    target: str
    tried: bool
    works: bool
    fault: bool
    said: str = ""


class Report(msgspec.Struct, frozen=True):
    """Everything that was found out."""

    facts: dict[str, str]
    tools: tuple[ToolReport, ...]
    trials: tuple[Trial, ...]

    @property
    def exit_code(self) -> int:
        """0 if it works in each browser, 1 if it plays and does the wrong thing, 3 if it does not play."""
        if any(trial.fault or not trial.tried for trial in self.trials):
            return INCOMPLETE
        return EXPECTED if all(trial.works for trial in self.trials) else UNEXPECTED


def examine(settings: Settings, say: Callable[[str], None]) -> Report:
    """Look for everything and try it. Raises PortolanError for paths that cannot be right."""
    seen = {} if settings.fake else _survey(settings)
    tools = {name: {each.kind: each.tool for each in found if each.tool} for name, found in seen.items()}
    newest = {target.browser: target for target in settings.targets}  # the highest manifest version of each browser
    trials = tuple(_try(target, settings, tools, say) for target in newest.values())
    told = tuple(_told(name, finding) for name, found in seen.items() for finding in found)
    return Report(_facts(settings), told, trials)


def _facts(settings: Settings) -> dict[str, str]:
    from portolan.runners.sources import order_of
    from portolan.runners.sources.cache import Cache

    folder = Cache.from_environment().folder
    space = shutil.disk_usage(_existing(folder)).free // 1_000_000
    return {
        "portolan": version(),
        "python": platform.python_version(),
        "selenium": version("selenium"),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "sources": ", ".join(order_of(settings.sources)),
        "cache folder": f"{folder} ({space} MB free)",
    }


def _existing(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _survey(settings: Settings) -> dict[str, list[Finding]]:
    """What is there, for each name. For browsers of which something is missing also what could be had, which may ask the network."""
    from portolan.runners.session.launch import kinds_for
    from portolan.runners.sources import survey

    seen: dict[str, list[Finding]] = {}
    for name in choice.names_of(settings.targets, settings):
        assert name.family
        kinds = kinds_for([name.family])
        asked: dict[str, Any] = {
            "given": choice.given_for(name, settings),
            "wants": {name.family: choice.want_of(name)},
            "order": settings.sources,
        }
        found = survey(kinds, **asked)
        seen[name.text] = found if all(each.tool for each in found) else survey(kinds, **asked, offers=True)
    return {**seen, "": survey(["web-ext"], order=settings.sources)}


def _told(name: str, finding: Finding) -> ToolReport:
    tool = finding.tool
    if tool:
        reasons = {} if tool.source == "given" else finding.reasons
        return ToolReport(finding.kind, f"{tool.version} at {tool.path} ({tool.source})", "", reasons, name)
    return ToolReport(finding.kind, "", _remedy(name, finding), finding.reasons, name)


def _remedy(name: str, finding: Finding) -> str:
    if finding.kind == "web-ext":
        return "“npm ci” in a checkout; only work on Portolan itself needs it"
    if offer := finding.offer:
        size = f", {offer.size // 1_000_000} MB" if offer.size else ""
        command = f"portolan browsers install {name}"
        return f"“{command}” gets {offer.kind} {offer.version} from {offer.where()}{size}"
    return f"install one, or give its path with --{finding.kind} PATH"


def _try(target: Target, settings: Settings, tools: choice.Tools, say: Callable[[str], None]) -> Trial:
    from portolan.runners.session.launch import kinds_for

    missing = (
        [] if settings.fake else [kind for kind in kinds_for([target.family]) if kind not in tools[target.browser]]
    )
    if missing:
        return Trial(str(target), tried=False, works=False, fault=False, said=f"there is no {' and no '.join(missing)}")
    say(f"trying {target}")
    hand = PlayService(settings, tools, shared=False)
    scenario = smoke_scenario()
    try:
        browser, play = hand.play_once(target, scenario)
    except PortolanError as problem:
        return Trial(str(target), tried=True, works=False, fault=True, said=plain(str(problem), 2000))
    finally:
        hand.close()
    judged = judge_play(play, scenario, Expectations(), browser, target.manifest)
    label = f"{plain(browser.family)} {plain(browser.version)} mv{target.manifest}"
    if judged.status == "incomplete":
        return Trial(label, tried=True, works=False, fault=True, said=plain(judged.sentence or play.reason, 2000))
    works = judged.answer == "pass"
    return Trial(label, tried=True, works=works, fault=False, said="" if works else plain(judged.sentence, 2000))
