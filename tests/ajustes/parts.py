"""A part of the own data that begins well and then cannot go on."""

from portal.pbx.errors import PBXUnavailable


def broken_off(subscriber):
    yield "principio.txt", [subscriber.number.encode()]
    raise PBXUnavailable("in the middle")
