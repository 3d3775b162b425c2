"""The trace of a play: values, events, and the run file that keeps them."""
