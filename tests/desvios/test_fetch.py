"""Fetching goes to public addresses only, over TLS, and ends in time whatever the server does."""

import gzip
import ssl
import time

import pytest

from desvios.exchange import fetch
from desvios.exchange.fetch import Fetcher, Unfetchable, checked
from tests.desvios.calendar_server import NAME, make_certificate, send, serving
from tests.desvios.calendars import WEEKLY, calendar

PUBLIC = "93.184.215.14"
BODY = calendar(WEEKLY)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server(certificate):
    with serving(certificate) as running:
        yield running


@pytest.fixture
def dialled():
    return []


@pytest.fixture
def fetcher(server, certificate, dialled):
    """Resolves every name to a public address; whoever dials that gets the server here."""

    def make(*names, deadline=5.0):
        answers = iter(names)

        def resolve(host, port):
            return next(answers, [PUBLIC])

        def dial(address, port, timeout):
            dialled.append(address)
            return fetch.dial("127.0.0.1", server.port, timeout)

        tls = ssl.create_default_context(cafile=certificate / "cert.pem")
        return Fetcher(resolve=resolve, dial=dial, tls=tls, deadline=deadline)

    return make


def url(path="/a.ics", host=NAME):
    return f"https://{host}{path}"


def refusal(fetcher, address):
    with pytest.raises(Unfetchable) as caught:
        fetcher.fetch(address)
    return str(caught.value)


def test_a_calendar_comes_with_what_asks_for_changes_only(server, fetcher, dialled):
    server.answers["/a.ics?clave=x"] = lambda handler: send(
        handler, 200, BODY, ETag='"uno"', Last_Modified="Mon, 23 Nov 2026 08:00:00 GMT"
    )
    answer = fetcher().fetch(url("/a.ics?clave=x"))
    assert (answer.data, answer.etag) == (BODY, '"uno"')
    assert dialled == [PUBLIC]
    server.answers["/a.ics"] = lambda handler: send(handler, 304, b"")
    again = fetcher().fetch(url(), etag='"uno"', last_modified=answer.last_modified)
    assert again.data is None
    _path, headers = server.seen[-1]
    assert headers["If-None-Match"] == '"uno"'
    assert headers["If-Modified-Since"] == "Mon, 23 Nov 2026 08:00:00 GMT"
    assert headers["Host"] == NAME


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "",
        "banana",
    ],
)
def test_an_address_that_is_not_public_is_never_dialled(fetcher, dialled, address):
    for found in ([address], [PUBLIC, address], [address, PUBLIC]):
        assert "no es de internet" in refusal(fetcher(found), url())
    assert not dialled


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"],
)
def test_ways_to_write_this_machine_are_refused_by_what_they_resolve_to(server, host):
    assert refusal(Fetcher(deadline=5.0), f"https://{host}:{server.port}/a.ics")
    assert not server.seen


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet_is_public(address):
    assert fetch.is_public(address)


def test_a_name_is_resolved_once_and_the_checked_address_is_dialled(server, fetcher, dialled):
    server.answers["/a.ics"] = BODY
    rebinding = fetcher([PUBLIC], ["127.0.0.1"])
    assert rebinding.fetch(url()).data == BODY
    assert dialled == [PUBLIC]
    assert "no es de internet" in refusal(rebinding, url())
    assert dialled == [PUBLIC]


def test_a_redirect_is_checked_like_the_first_address(server, fetcher, dialled):
    to = "https://interior.test/secreto"
    server.answers["/a.ics"] = lambda handler: send(handler, 302, b"", Location=to)
    assert "no es de internet" in refusal(fetcher([PUBLIC], ["10.0.0.1"]), url())
    assert dialled == [PUBLIC]


@pytest.mark.parametrize("to", ["http://otro.test/a.ics", "file:///etc/passwd", "ftp://otro.test/"])
def test_a_redirect_leads_to_https_only(server, fetcher, dialled, to):
    server.answers["/a.ics"] = lambda handler: send(handler, 301, b"", Location=to)
    assert "https://" in refusal(fetcher(), url()) or to.startswith("file")
    assert dialled == [PUBLIC]


def test_three_redirects_are_followed_and_not_four(server, fetcher):
    for n in range(4):
        server.answers[f"/{n}"] = lambda handler, n=n: send(handler, 307, b"", Location=f"/{n + 1}")
    server.answers["/4"] = BODY
    assert fetcher().fetch(url("/1")).data == BODY
    assert "lleva de una a otra" in refusal(fetcher(), url("/0"))


def test_a_certificate_of_another_name_is_refused(server, fetcher):
    server.answers["/a.ics"] = BODY
    assert "certificado" in refusal(fetcher(), url(host="otro.test"))
    assert not server.seen


def test_a_certificate_that_nobody_vouches_for_is_refused(server, fetcher):
    unknowing = Fetcher(resolve=fetcher().resolve, dial=fetcher().dial)
    assert "certificado" in refusal(unknowing, url())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "ya no está"),
        (410, "ya no está"),
        (401, "identificarse"),
        (403, "identificarse"),
        (500, "error (500)"),
        (204, "error (204)"),
    ],
)
def test_an_error_of_the_server_is_told_in_words(server, fetcher, status, words):
    server.answers["/a.ics"] = lambda handler: send(handler, status, b"")
    assert words in refusal(fetcher(), url())


def test_a_web_page_is_refused(server, fetcher):
    page = b"<!doctype html><title>Entrar</title>"
    server.answers["/html"] = lambda handler: send(handler, 200, page, Content_Type="text/html")
    server.answers["/like"] = page
    assert "página web" in refusal(fetcher(), url("/html"))
    assert "página web" in refusal(fetcher(), url("/like"))


def test_what_is_too_big_is_refused_by_its_word_and_by_its_size(server, fetcher):
    server.answers["/said"] = lambda handler: send(
        handler, 200, b"", Content_Length=str(3 * 1024 * 1024)
    )
    server.answers["/sent"] = lambda handler: send(
        handler, 200, b"x" * 3 * 1024 * 1024, Content_Length=None
    )
    for path in ("/said", "/sent"):
        assert "2 MB" in refusal(fetcher(), url(path))


def test_a_bomb_in_gzip_is_refused_unopened(server, fetcher):
    bomb = gzip.compress(b"x" * 50_000_000)
    server.answers["/a.ics"] = lambda handler: send(handler, 200, bomb, Content_Encoding="gzip")
    assert "comprimido" in refusal(fetcher(), url())


def test_an_answer_that_is_cut_is_not_taken_for_a_whole_one(server, fetcher):
    server.answers["/a.ics"] = lambda handler: send(
        handler, 200, BODY, Content_Length=str(len(BODY) + 10)
    )
    assert "cortado" in refusal(fetcher(), url()) or "hablar" in refusal(fetcher(), url())


def never_end(server, pieces):
    """Send the same pieces over and over, slowly."""

    def answer(handler):
        while not server.ended.wait(0.05):
            handler.wfile.write(pieces)
            handler.wfile.flush()

    return answer


@pytest.mark.parametrize(
    "pieces",
    [b"", b"H", b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"],
    ids=["silence", "status", "heads", "headers"],
)
def test_an_answer_that_never_begins_ends_at_the_deadline(server, fetcher, pieces):
    server.answers["/a.ics"] = never_end(server, pieces)
    began = time.monotonic()
    assert refusal(fetcher(deadline=0.6), url())
    assert time.monotonic() - began < 2


def test_an_answer_that_never_ends_ends_at_the_deadline(server, fetcher):
    def answer(handler):
        send(handler, 200, b"BEGIN:VCALENDAR\r\n", Content_Length=None)
        never_end(server, b"X")(handler)

    server.answers["/a.ics"] = answer
    began = time.monotonic()
    assert "a tiempo" in refusal(fetcher(deadline=0.6), url())
    assert time.monotonic() - began < 2


def test_a_name_server_that_never_answers_ends_at_the_deadline(server, fetcher):
    def resolve(host, port):
        server.ended.wait(20)
        return [PUBLIC]

    began = time.monotonic()
    assert "a tiempo" in refusal(Fetcher(resolve=resolve, deadline=0.3), url())
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hola",
        "https://",
        "https:///a.ics",
        "http://calendario.test/a.ics",
        "ftp://calendario.test/a.ics",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://yo:secreto@calendario.test/a.ics",
        "https://calendario.test:0/a.ics",
        "https://calendario.test:99999/a.ics",
        "https://calendario.test/a b.ics",
        "https://calendario.test/a\r\nX-Injected: 1",
        "https://[::1/a.ics",
        "https://" + "a" * 70 + ".test/",
    ],
)
def test_what_is_no_address_is_refused_in_words(address):
    with pytest.raises(Unfetchable) as caught:
        checked(address)
    assert str(caught.value)


def test_webcal_means_https_and_letters_of_any_language_are_carried():
    assert checked("webcal://calendario.test/a.ics").geturl() == "https://calendario.test/a.ics"
    found = checked("https://peña.test/ñandú.ics?año=2026")
    assert found.geturl().startswith("https://xn--pea-8ma.test/")
    assert fetch.target(found) == "/%C3%B1and%C3%BA.ics?a%C3%B1o=2026"


def test_a_host_of_the_own_network_that_the_administrator_names_may_be_read(settings):
    with serving() as inside:
        inside.answers["/a.ics"] = BODY
        address = f"http://127.0.0.1:{inside.port}/a.ics"
        assert "https://" in refusal(Fetcher(deadline=5.0), address)
        settings.CALENDAR_INTRANET_HOSTS = ["127.0.0.1"]
        assert Fetcher(deadline=5.0).fetch(address).data == BODY
