"""What a first visit loads."""

import pytest

from tests.browser.conftest import log_in

pytestmark = pytest.mark.browser

MOST = 60 * 1024
"""Bytes as they come over the wire, headers included."""


@pytest.fixture
def wire(visit):
    """A browser that has never been here, and what it receives: address and bytes of each answer.

    What it takes from its cache counts as nothing, as it does on the wire.
    """
    page = visit()
    protocol = page.context.new_cdp_session(page)
    addresses, received = {}, {}
    protocol.send("Network.enable")
    protocol.on("Network.responseReceived", lambda e: addresses.update({e["requestId"]: e}))

    def note(event):
        received[event["requestId"]] = event["encodedDataLength"]

    protocol.on("Network.loadingFinished", note)
    return page, lambda: [
        (addresses[each]["response"]["url"], size) for each, size in received.items()
    ]


def test_login_start_page_and_desvios_together_stay_below_the_limit(wire, portal):
    page, received = wire
    log_in(page, portal, "202")
    page.wait_for_load_state("networkidle")
    page.goto(portal.url("desvios/"))
    page.wait_for_load_state("networkidle")
    sizes = received()
    for part in ("tokens", "base", "components", "pages", "menus", "htmx", "desvios/"):
        assert any(part in address and size for address, size in sizes), f"{part} was not counted"
    first = dict(reversed(sizes))  # a page that heard news has loaded a part of itself again
    assert sum(first.values()) <= MOST, sizes
