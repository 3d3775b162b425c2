"""What holds for every scenario of the suite, shown on the fake browser: it plays, its checks can hold, and can fail."""
