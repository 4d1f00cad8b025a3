"""The one tree of errors that the adapter raises. Callers never see a vendor's own."""


class PBXError(Exception):
    """The telephone system did not do what was asked."""


class PBXUnavailable(PBXError):
    """It could not be reached, or did not answer before the deadline. Trying later may work."""


class PBXRejected(PBXError):
    """It answered, and refused. Trying the same again will not help."""


class NotFound(PBXError):
    """The object asked for is not there, or not any more."""


class InUse(PBXError):
    """A telephone has the mailbox open, so its messages must not be touched now."""


class Ambiguous(PBXError):
    """The id occurs more than once in the mailbox, so nobody can say which message is meant."""
