"""What a scenario costs, beside what it would cost otherwise. See ``docs/benchmarks.md``."""
