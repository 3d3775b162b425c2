"""Asking a site on the internet a small question, in a short time: for sources, before they offer anything.

A machine without the internet must say so at once and must not be asked again: each address is asked once a process, and
a host that did not answer is not asked for anything else.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    ResponseError,
    SSLError,
)

from portolan.runners.errors import FetchFailed
from portolan.runners.sources.process import plain

CONNECT_SECONDS = 3.0
"""How long a host may take to accept a connection."""

ANSWER_SECONDS = 10.0
"""How long a whole answer may take, with finding the host and its redirections."""

LONGEST = 20_000_000
"""How many bytes a list of versions may have; the longest of today has under one million."""

_REASONS: tuple[tuple[type[HTTPError], str], ...] = (
    (NameResolutionError, "cannot be found: there is no address for its name"),
    (ConnectTimeoutError, "does not answer"),
    (ReadTimeoutError, "did not answer in time"),
    (ProxyError, "cannot be reached through the proxy"),
    (SSLError, "cannot be trusted: its certificate is refused"),
    (NewConnectionError, "cannot be reached"),
    (ResponseError, "leads from one address to the next without end"),
)

T = TypeVar("T")


class Answer(msgspec.Struct, frozen=True):
    """What a host answered, or in half a sentence why it did not; ``down``: ask it nothing more."""

    status: int = 0
    headers: dict[str, str] = {}
    body: bytes = b""
    problem: str = ""
    down: bool = False


# What was asked by this process, by proxy, method and address; and hosts that do not answer, by proxy and name.
_answers: dict[tuple[str, str, str], Answer] = {}
_down: dict[tuple[str, str], str] = {}


class Web:
    """The internet as an environment sees it: its proxy, its certificates. Every problem is a FetchFailed in half a sentence."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def json(self, address: str, shape: type[T]) -> T:
        """The answer to an address, of the given shape."""
        answer = self._ask("GET", address)
        try:
            return msgspec.json.decode(answer.body, type=shape)
        except msgspec.DecodeError as problem:
            kind = answer.headers.get("content-type", "").partition(";")[0]
            what = f"a page ({kind})" if "html" in kind else "something else than the list of versions"
            raise FetchFailed(f"{_host(address)} answered with {what}") from problem

    def redirection(self, address: str) -> str:
        """Where an address leads to."""
        answer = self._ask("HEAD", address, follow=False)
        where = answer.headers.get("location", "")
        if not where:
            raise FetchFailed(f"{_host(address)} answered {answer.status} without saying where to look")
        return where

    def size(self, address: str) -> int | None:
        """How many bytes a file has; None if the host does not tell."""
        with contextlib.suppress(FetchFailed, ValueError):
            return int(self._ask("HEAD", address).headers["content-length"])
        return None

    def _ask(self, method: str, address: str, *, follow: bool = True) -> Answer:
        proxy, host = self._proxy(address), _host(address)
        if (proxy, host) in _down:
            raise FetchFailed(_down[proxy, host])
        key = (proxy, method, address)
        if key not in _answers:
            _answers[key] = self._bounded(method, address, proxy, follow)
        answer = _answers[key]
        if answer.down:
            _down[proxy, host] = answer.problem
        if answer.problem:
            raise FetchFailed(answer.problem)
        return answer

    def _proxy(self, address: str) -> str:
        known = self._environment
        excepted = known.get("no_proxy") or known.get("NO_PROXY") or ""
        if _is_excepted(_host(address), excepted):
            return ""
        return next(
            (known[name] for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY") if known.get(name)), ""
        )

    def _bounded(self, method: str, address: str, proxy: str, follow: bool) -> Answer:
        """The answer, within ANSWER_SECONDS: looking up a name cannot be interrupted, so it is done aside."""
        heard: list[Answer] = []
        trusted = self._environment.get("SSL_CERT_FILE") or None

        def ask() -> None:
            heard.append(_request(method, address, proxy, trusted, follow))

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(ANSWER_SECONDS)
        return heard[0] if heard else Answer(problem=f"{_host(address)} did not answer in time", down=True)


def _request(method: str, address: str, proxy: str, trusted: str | None, follow: bool) -> Answer:
    host = _host(address)
    try:
        context = ssl.create_default_context(cafile=trusted)
        options: dict[str, Any] = {
            "ssl_context": context,
            "timeout": urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
            "retries": urllib3.Retry(None, connect=0, read=0, status=0, other=0, redirect=4),
        }
        with urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options) as pool:
            answer = pool.request(method, address, redirect=follow, preload_content=False)
            body = answer.read(LONGEST + 1)
            answer.release_conn()
    except (OSError, ValueError) as problem:  # no such file of certificates; a proxy's address that is none
        return Answer(problem=f"{host} cannot be asked ({plain(str(problem))})", down=True)
    except HTTPError as problem:
        return _failure(host, problem)
    if answer.status >= 400:
        return Answer(problem=f"{host} answered {answer.status} {answer.reason or ''}".rstrip())
    if len(body) > LONGEST:
        return Answer(problem=f"{host} answered with more than {LONGEST // 1_000_000} MB")
    return Answer(answer.status, {name.lower(): text for name, text in answer.headers.items()}, body)


def _failure(host: str, problem: HTTPError) -> Answer:
    """The reason behind urllib3's, which is wrapped in its retries."""
    cause = getattr(problem, "reason", problem)
    for kind, text in _REASONS:
        if isinstance(cause, kind):
            return Answer(problem=f"{host} {text}", down=True)
    return Answer(problem=f"{host} broke the answer off", down=True)


def _is_excepted(host: str, excepted: str) -> bool:
    """Whether a host is among those for which no proxy is used: names, with all below them, or ``*``."""
    names = [name.strip().lstrip(".").lower() for name in excepted.split(",") if name.strip()]
    return any(name in ("*", host) or host.endswith(f".{name}") for name in names)


def _host(address: str) -> str:
    return urlsplit(address).hostname or address
