"""Short questions to sites: bounded in time, asked once, and each failure a reason."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from portolan.runners.errors import FetchFailed
from portolan.runners.sources.downloads import web
from portolan.runners.sources.downloads.web import Web

from .machine import NO_INTERNET
from .sites import Page, Sites, serving

ADDRESS = "https://lists.example/versions.json"


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Sites]:
    with serving(tmp_path) as sites:
        yield sites


@pytest.fixture(autouse=True)
def _nothing_was_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_answers", {})
    monkeypatch.setattr(web, "_down", {})


def problem(environment: dict[str, str], address: str = ADDRESS) -> str:
    with pytest.raises(FetchFailed) as caught:
        Web(environment).json(address, list[int])
    return str(caught.value)


def test_an_answer_is_asked_for_once(sites: Sites) -> None:
    sites.put(ADDRESS, Page(b"[1, 2]"))
    assert Web(sites.environment).json(ADDRESS, list[int]) == [1, 2]
    assert Web(sites.environment).json(ADDRESS, list[int]) == [1, 2]
    assert sites.asked == [f"GET {ADDRESS}"]


def test_redirections_are_followed_but_not_for_ever(sites: Sites) -> None:
    sites.put("https://lists.example/old", Page(status=301, location=ADDRESS))
    sites.put(ADDRESS, Page(b"[3]"))
    assert Web(sites.environment).json("https://lists.example/old", list[int]) == [3]
    sites.put("https://lists.example/round", Page(status=302, location="https://lists.example/round"))
    said = problem(sites.environment, "https://lists.example/round")
    assert said == "lists.example leads from one address to the next without end"


def test_sizes_are_told_where_they_are_known(sites: Sites) -> None:
    sites.put(ADDRESS, Page(b"x" * 321))
    assert Web(sites.environment).size(ADDRESS) == 321
    assert Web(sites.environment).size("https://lists.example/nothing") is None
    assert Web(NO_INTERNET).size(ADDRESS) is None


def test_a_host_that_stands_still_is_given_up_in_time_and_not_asked_again(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "ANSWER_SECONDS", 0.5)
    sites.put(ADDRESS, Page(b"[1, 2, 3, 4]", drip=True))
    assert problem(sites.environment) == "lists.example did not answer in time"
    assert problem(sites.environment, "https://lists.example/other") == "lists.example did not answer in time"
    assert sites.asked == [f"GET {ADDRESS}"]


def test_a_host_that_takes_no_connection_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "ANSWER_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = problem({"HTTPS_PROXY": f"http://127.0.0.1:{silent.getsockname()[1]}"})
    assert said.startswith("lists.example ")


def test_a_name_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: object, **more: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert problem({}) == "lists.example cannot be found: there is no address for its name"


def test_a_proxy_that_is_not_there() -> None:
    assert problem(NO_INTERNET) == "lists.example cannot be reached through the proxy"


def test_a_proxy_that_is_nonsense() -> None:
    assert problem({"HTTPS_PROXY": "nonsense://[::"}).startswith("lists.example cannot be ")


def test_a_certificate_that_nobody_trusts(sites: Sites) -> None:
    untrusting = {"HTTPS_PROXY": sites.environment["HTTPS_PROXY"]}
    assert problem(untrusting) == "lists.example cannot be trusted: its certificate is refused"
    assert "cannot be asked" in problem({"SSL_CERT_FILE": "/nowhere/authority.pem"})


def test_an_answer_without_end_is_not_read(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "LONGEST", 1000)
    sites.put(ADDRESS, Page(b" " * 2000))
    assert problem(sites.environment).startswith("lists.example answered with more than")


@pytest.mark.parametrize(
    ("excepted", "direct"),
    [
        ("", False),
        ("lists.example", True),
        (".example", True),
        ("a, *", True),
        ("ists.example", False),
        ("other", False),
    ],
)
def test_some_hosts_need_no_proxy(excepted: str, direct: bool) -> None:
    environment = {**NO_INTERNET, "no_proxy": excepted}
    assert (Web(environment)._proxy(ADDRESS) == "") is direct
