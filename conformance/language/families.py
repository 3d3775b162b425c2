"""What each family of browsers has alone, whatever the version: scenarios that are about one family probe for it."""

ONLY_IN_FIREFOX, ONLY_IN_CHROMIUM = "runtime.getBrowserInfo", "runtime.onRestartRequired"
