"""The scenarios: one module a topic. Adding one is one function in one of these files."""
