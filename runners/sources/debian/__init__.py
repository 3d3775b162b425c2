"""Browsers from Debian packages."""
