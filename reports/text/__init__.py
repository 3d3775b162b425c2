"""Text: tables, charts, prose."""
