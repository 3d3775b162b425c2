"""The API itself: arguments, values, names, senders and the shape of objects."""
