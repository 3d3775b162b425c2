"""What runs say about claims, contradictions, known bugs and compatibility data."""
