"""What tests that hold somebody to a deadline allow the machine."""

SLACK = 2.0
"""Seconds that a machine with other things to do may add. What would go wrong takes far longer."""
