"""The language of scenarios: what an author writes, and the steps that come of it."""
