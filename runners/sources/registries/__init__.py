"""Tools from package registries."""
