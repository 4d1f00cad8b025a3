"""Where dates and times are not written as Django would."""
