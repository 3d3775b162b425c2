"""The fake browser: a small, deterministic model of ports behind the runners' interface, with switches for named bugs.

For the suite's own tests: every scenario plays on it without a browser, and every check is proven able to fail (``docs/fake.md``).
"""

from portolan.runners.fake.browser import NEWEST, FakeBrowser
from portolan.runners.fake.bugs import Bug

__all__ = ["NEWEST", "Bug", "FakeBrowser"]
