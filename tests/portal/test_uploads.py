"""An upload without end fills neither the memory nor the disk."""

import io

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from portal.uploads import MOST_BYTES

BEGIN = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
END = b'\r\n--x\r\nContent-Disposition: form-data; name="after"\r\n\r\nyes\r\n--x--\r\n'


class Endless(io.RawIOBase):
    """A form with a file of that many bytes, which are made while they are read."""

    def __init__(self, size):
        self.left = size
        self.begin, self.end = io.BytesIO(BEGIN), io.BytesIO(END)

    def read(self, size=-1):
        if data := self.begin.read(size):
            return data
        if self.left:
            count = min(size, self.left)
            self.left -= count
            return b"\0" * count
        return self.end.read(size)


def posted(size):
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD="POST",
        CONTENT_TYPE="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(len(BEGIN) + size + len(END)),
    )
    environ["wsgi.input"] = Endless(size)
    return WSGIRequest(environ)


@pytest.mark.parametrize("size", [100, 1_000_000, MOST_BYTES])
def test_what_is_small_enough_arrives_whole(size):
    assert posted(size).FILES["file"].size == size


def test_of_what_is_too_large_a_little_more_than_the_limit_is_kept():
    request = posted(200_000_000)
    file = request.FILES["file"]
    assert MOST_BYTES < file.size < MOST_BYTES + 1_000_000
    assert request.POST["after"] == "yes"


def test_the_handlers_of_django_come_after():
    assert settings.FILE_UPLOAD_HANDLERS[0] == "portal.uploads.Cut"
    assert len(settings.FILE_UPLOAD_HANDLERS) == 3
