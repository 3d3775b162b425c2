"""The service of a driver: how selenium starts it, and what of the user's environment must not come between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from selenium.webdriver.common.options import BaseOptions
from selenium.webdriver.common.service import Service
from selenium.webdriver.remote.webdriver import WebDriver

LOG = "driver.log"
"""The file in a session's folder that holds what a driver and its browser say."""


def settings(folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Keyword arguments for every driver's service."""
    return {
        "env": environment,
        "log_output": str(folder / LOG),
        "popen_kw": {"start_new_session": True},  # Ctrl-C in a terminal is for the runner alone
    }


def aim(service: Service, driver: Path, options: BaseOptions) -> None:
    """Let the service start this driver and speak to it directly, whatever the user has in ``SE_CHROMEDRIVER`` or ``HTTP_PROXY``."""
    service.DRIVER_PATH_ENV_KEY = ""  # what it names would be started in place of the guard
    service.path = str(driver)
    BaseOptions.ignore_local_proxy_environment_variables(options)  # its subclasses' own is deprecated for Remote's sake


def major_of(driver: WebDriver) -> int:
    """The major version of the browser that it drives."""
    return int(str(driver.capabilities["browserVersion"]).partition(".")[0])
