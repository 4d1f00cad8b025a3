"""A job of the link whose store hangs."""

from threading import Event

begun, ended = Event(), Event()


def hang():
    """Waits until the test is over."""
    begun.set()
    ended.wait(20)
