"""A running browser: driver, extensions, native hosts, collector and web server."""
