"""Browser families: everything that differs between Firefox and Chromium."""
