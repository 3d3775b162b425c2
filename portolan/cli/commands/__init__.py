"""The commands of ``portolan``: a module each, with the click command as ``command``."""
