"""What open pages hear of."""

import pytest

pytestmark = pytest.mark.browser


def test_what_is_heard_while_a_part_is_being_fetched_is_fetched_afterwards(visit, portal):
    page = visit("204")
    page.goto(portal.url("ajustes/"))
    page.wait_for_load_state("networkidle")
    part, held = portal.url("buzon/nuevos/"), []
    page.route(part, lambda route: held.insert(0, route))
    hear(page)
    page.wait_for_function("document.querySelector('.unheard.htmx-request')")
    hear(page)
    with page.expect_request(part):
        held.pop().continue_()
    page.unroute(part)
    for each in held:
        each.continue_()


def hear(page):
    """The stream says that something in the mailbox changed."""
    page.evaluate(
        "import(document.querySelector('script[data-stream]').src).then(({ say }) => say('buzon'))"
    )
