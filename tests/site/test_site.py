"""The documentation site is complete and self-contained. ``tox -e docs`` builds it first."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

SITE = Path(os.environ.get("PORTOLAN_SITE", "site"))
LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
"""The elements that make a browser load something, and the attribute that says what. A link to click is none of them."""


class Loaded(HTMLParser):
    """Collects the addresses from which a page loads something."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("rel") not in ("canonical", "next", "prev") and (address := given.get(LOADING.get(tag, ""))):
            self.addresses.append(address)


def pages() -> list[Path]:
    return sorted(SITE.rglob("*.html"))


def test_the_site_was_built() -> None:
    assert (SITE / "index.html").is_file(), f"{SITE} has no site: run tox -e docs"
    assert {page.name for page in pages()} >= {"api.html", "architecture.html", "glossary.html", "tutorial.html"}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_loads_nothing_from_elsewhere(page: Path) -> None:
    assert [address for address in Loaded(page).addresses if re.match(r"(https?:)?//", address)] == []


def test_no_style_sheet_loads_anything_from_elsewhere() -> None:
    sheets = list(SITE.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        assert not re.search(r"url\(\s*[\"']?(https?:)?//|@import", sheet.read_text(encoding="utf-8")), sheet


def test_the_api_reference_has_everything_public() -> None:
    import portolan

    reference = (SITE / "api.html").read_text(encoding="utf-8")
    assert [name for name in portolan.__all__ if f'id="portolan.{name}"' not in reference] == []
