"""Which contexts can connect, and what differs in each."""
