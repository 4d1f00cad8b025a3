"""What the tests ask Asterisk by."""

import pytest

pytestmark = pytest.mark.asterisk


def test_a_test_that_waits_in_vain_leaves_a_connection_to_the_next(exchange):
    with pytest.raises(TimeoutError):
        exchange.ami.wait(lambda _event: False, 0.01)
    assert exchange.ami.act("Ping")["Response"] == "Success"
