"""The fake browser itself: how its ports, lives and causes of an end go."""
