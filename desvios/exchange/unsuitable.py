"""Why an event of another calendar is not taken."""


class Unsuitable(Exception):
    """One event is refused; the message says why, in words."""
