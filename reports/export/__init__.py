"""A scenario as a standalone extension that shows by hand what the suite shows by machine. Pure: texts by file name."""
