"""Readers of run files: what a person or a program sees, as pure functions of stored runs."""
