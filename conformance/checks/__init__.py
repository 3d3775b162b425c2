"""Checks: pure functions over a trace."""
