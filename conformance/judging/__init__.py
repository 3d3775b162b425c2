"""Judging plays, and what is known beforehand: claims, bugs, contradictions and expectations."""
