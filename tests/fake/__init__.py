"""The suite on the fake browser: every scenario plays there, and every check can fail."""
