"""The face: the command line and the pytest plugin. Imports the other packages; none of them imports it."""
