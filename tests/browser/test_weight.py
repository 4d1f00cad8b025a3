"""What a first visit loads."""

import pytest

from tests.browser.conftest import log_in

pytestmark = pytest.mark.browser

MOST = 60 * 1024
"""Bytes as they come over the wire, headers included."""


@pytest.fixture
def wire(visit):
    """A browser that has never been here, and what it has received: bytes by address."""
    page = visit()
    protocol = page.context.new_cdp_session(page)
    addresses, received = {}, {}
    protocol.send("Network.enable")
    protocol.on("Network.responseReceived", lambda e: addresses.update({e["requestId"]: e}))

    def note(event):
        received[event["requestId"]] = event["encodedDataLength"]

    protocol.on("Network.loadingFinished", note)
    return page, lambda: {
        addresses[each]["response"]["url"]: size for each, size in received.items()
    }


def test_login_start_page_and_desvios_together_stay_below_the_limit(wire, portal):
    page, received = wire
    log_in(page, portal, "202")
    page.wait_for_load_state("networkidle")
    page.goto(portal.url("desvios/"))
    page.wait_for_load_state("networkidle")
    sizes = received()
    assert any("htmx" in address for address in sizes), "the scripts were not counted"
    assert sum(address.split("?")[0].endswith(".css") for address in sizes) >= 4
    assert sum(sizes.values()) <= MOST, sizes
