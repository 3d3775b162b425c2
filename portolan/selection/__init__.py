"""Which browsers are meant, and which are available."""
