"""Telephone, callers and portal in the same mailbox at the same moment: nothing else is lost."""

import itertools
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.pbx.asterisk.guard import closed
from portal.pbx.errors import InUse
from tests.asterisk import rtp
from tests.asterisk.exchange import wait_until
from tests.asterisk.mailboxes import hertz_of, portal_of, site_of
from tests.asterisk.worker import Worker

pytestmark = pytest.mark.asterisk

ROUNDS = 3
PINS = {"201": "1111", "202": "2222", "203": "3333", "204": "4444"}


def delete_what_is_heard(caller, pin, ids):
    """Open the mailbox, delete the first message that is played, hang up; which it was."""
    tones = {msg_id: hertz_of(msg_id) for msg_id in ids}
    with caller.in_call("*97") as call:
        caller.press(call, f"{pin}#1")
        deadline, heard = time.monotonic() + 8, []
        while time.monotonic() < deadline:
            caller.sound.send_tone(call.rtp, 0, 0.06)
            heard = (heard + caller.sound.heard())[-800:]
            found = [each for each, hertz in tones.items() if rtp.share(heard, hertz) > 0.9]
            if found:
                caller.press(call, "7")
                return found[0]
    raise AssertionError("nothing was played")


def race(caller, box, voicemail, offset):
    """One round; how often the portal gave way."""
    box.clear()
    ids = box.leave(4, seconds=6.0)
    refused = 0
    done = threading.Event()

    def remove_the_oldest():
        nonlocal refused
        time.sleep(offset)
        while True:
            try:
                assert voicemail.remove(box.name, [ids[0]]) == {ids[0]}
            except InUse:
                refused += 1
                time.sleep(random.uniform(0, 0.02))
            else:
                return done.set()

    with ThreadPoolExecutor() as portal:
        removing = portal.submit(remove_the_oldest)
        heard = delete_what_is_heard(caller, PINS[box.path.name], ids)
        removing.result(10)
    wait_until(lambda: heard not in box.ids() and box.is_at_rest())
    assert box.found().keys() == set(ids) - {ids[0], heard}
    return refused


def test_telephones_delete_while_the_portal_does_and_nobody_deletes_anothers(
    asterisk, exchange, phone, boxes
):
    for number in PINS:
        exchange.plan(number)
    phones = {number: phone(number) for number in PINS}
    voicemail = portal_of(asterisk, timeout=3.0).voicemail

    def rounds(number):
        offsets = [random.uniform(0, 0.4) for _ in range(ROUNDS)]
        return [race(phones[number], boxes[number], voicemail, offset) for offset in offsets]

    with ThreadPoolExecutor() as pool:
        refused = list(itertools.chain(*pool.map(rounds, PINS)))
    assert len(refused) == ROUNDS * len(PINS)
    assert any(refused), "the portal never met a telephone"


def test_a_telephone_never_comes_in_between_look_and_work(asterisk, exchange, boxes):
    """Many channels at the very moment of the portal's, a little before or after."""
    site, box, telephone = site_of(asterisk), "202@default", asterisk.admin()
    met = {"portal": 0, "telephone": 0}

    def come_in(seconds):
        time.sleep(seconds)
        headers = {"Context": "webfon-mailbox", "Exten": box, "Priority": 1, "Async": "true"}
        telephone.act("Originate", Channel="Local/9@test-open/n", **headers)

    with ThreadPoolExecutor() as background:
        for number in range(120):
            late = (number % 40 - 20) / 4000
            coming = background.submit(come_in, max(late, 0))
            time.sleep(max(-late, 0))
            try:
                with closed([site], box):
                    met["portal"] += 1
                    coming.result()
                    time.sleep(0.01)
                    assert "VoiceMailMain" not in [name for _, _, name in exchange.channels()]
            except InUse:
                met["telephone"] += 1
            coming.result()
            exchange.hang_up_all()
    telephone.close()
    assert min(met.values()) > 5, met


def test_forty_messages_come_while_two_processes_remove_forty(asterisk, exchange, boxes, tmp_path):
    old = boxes["203"].leave(40, seconds=0.1)
    with Worker(asterisk, tmp_path) as one, Worker(asterisk, tmp_path) as two:
        one.wait()
        two.wait()
        for number in range(40):
            exchange.ami.act(
                "Originate",
                Channel=f"Local/{number}@test-deposit/n",
                Application="VoiceMail",
                Data="203@default,us",
                Async="true",
            )
            time.sleep(0.02)
        wait_until(lambda: len(boxes["203"].ids()) > 40)
        one.begin("remove", "203@default", old[::2])
        two.begin("remove", "203@default", old[1::2])
        assert sorted(one.result() + two.result()) == sorted(old)
    wait_until(lambda: not exchange.channels(), 20)
    left = boxes["203"].ids()
    assert len(left) == 40
    assert len(set(left)) == 40
    assert not set(left) & set(old)


def test_messages_are_forwarded_into_a_mailbox_where_others_are_moved(asterisk, boxes, tmp_path):
    copied = boxes["201"].leave(25, seconds=0.2)
    own = boxes["204"].leave(5, seconds=0.2, first=100)
    with Worker(asterisk, tmp_path) as forwarding, Worker(asterisk, tmp_path) as moving:
        for worker in (forwarding, moving):
            worker.wait()
        moving.begin("move", "204@default", own, repeat=True)
        forwarding.begin("forward", "201@default", copied)
        assert forwarding.result() == copied
        moving.kill()
    time.sleep(0.2)  # what Asterisk had begun, it ends
    assert sorted(boxes["204"].ids()) == sorted(copied + own)
    assert boxes["204"].found().keys() == {*copied, *own}
    assert boxes["201"].found() == dict.fromkeys(copied, "INBOX")
