"""When ports end, and who sees it."""
