"""The core's tests: no browser, no network, no clock."""
