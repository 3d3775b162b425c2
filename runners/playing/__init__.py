"""Playing one scenario: the stage, the handlers of steps, and settling."""
