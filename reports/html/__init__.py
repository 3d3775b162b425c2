"""The report that people look at: one HTML file, a pure function of run files, without network and without a server."""
