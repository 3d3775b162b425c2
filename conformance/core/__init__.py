"""The language of scenarios, the trace and its checks: pure data and pure functions."""
