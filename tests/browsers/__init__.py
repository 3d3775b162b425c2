"""The instrument on real browsers. A browser that is missing is got, or is an error: nothing here is skipped for that."""
