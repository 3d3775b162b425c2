"""Browsers and drivers from the internet."""
