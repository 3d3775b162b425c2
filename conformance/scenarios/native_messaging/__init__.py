"""Native messaging."""
