"""Getting, starting, driving and ending browsers."""
