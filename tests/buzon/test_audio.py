"""The sound of a message and of a greeting, as the browser asks for it."""

from io import BytesIO

import pytest
import soundfile

from portal.pbx import get_pbx
from portal.pbx.simulated.faults import Mode
from portal.pbx.types import Greeting
from tests.buzon.sounds import tone

pytestmark = pytest.mark.django_db(databases="__all__")


def address(msg_id):
    return f"buzon/mensaje/{msg_id}/sonido.wav"


@pytest.fixture
def hear(as_ana, page):
    """The answer of the sound's address, with its bytes in ``body``."""

    def get(path, method="get", **headers):
        response = getattr(as_ana, method)(page(path), headers=headers)
        response.body = b"".join(response) if response.streaming else response.content
        return response

    return get


def seconds(wav):
    return soundfile.info(BytesIO(wav)).duration


def test_the_sound_is_a_wav_that_nobody_else_keeps(hear, ana, leave):
    response = hear(address(leave(ana, seconds=4)))
    assert response.status_code == 200
    assert seconds(response.body) == 4
    assert response["Content-Type"] == "audio/wav"
    assert response["Cache-Control"] == "private, no-store"
    assert "Content-Encoding" not in response or response["Content-Encoding"] == "identity"


def test_seeking_gets_the_part_alone(hear, ana, leave):
    path = address(leave(ana))
    whole = hear(path).body
    response = hear(path, range="bytes=20000-29999", accept_encoding="gzip")
    assert (response.status_code, response.body) == (206, whole[20000:30000])
    assert response["Content-Range"] == f"bytes 20000-29999/{len(whole)}"
    assert hear(path, range=f"bytes={len(whole)}-").status_code == 416
    assert hear(path, range="bytes=0-9", if_range=response["ETag"]).status_code == 206
    assert hear(path, if_none_match=response["ETag"]).status_code == 304


def test_a_head_says_how_long_it_is_and_sends_nothing(hear, ana, leave):
    path = address(leave(ana))
    response = hear(path, method="head")
    assert (response.status_code, response.body) == (200, b"")
    assert response["Content-Length"] == str(len(hear(path).body))


def test_asking_for_the_sound_changes_nothing(hear, ana, leave):
    msg_id = leave(ana)
    for query in ("", "?descargar"):
        hear(address(msg_id) + query)
    (message,) = get_pbx().voicemail.messages(ana.mailbox)
    assert message.is_new


def test_a_download_has_a_name_that_says_which_message_it_is(hear, ana, leave):
    msg_id = leave(ana, number="600123123", caller='"Ana/María <b>" <600123123>')
    header = hear(address(msg_id) + "?descargar")["Content-Disposition"]
    assert header.startswith("attachment")
    assert ".wav" in header
    assert "/" not in header
    assert hear(address(msg_id))["Content-Disposition"].startswith("inline")


def test_other_formats_come_as_wav_and_can_be_sought_in(hear, settings, ana, leave):
    msg_id = leave(ana)
    (wav,) = (settings.PBX["OPTIONS"]["path"] / "spool").rglob("*.wav")
    wav.with_suffix(".ulaw").write_bytes(b"\x7f" * 16000)
    wav.unlink()
    whole = hear(address(msg_id))
    assert seconds(whole.body) == 2
    part = hear(address(msg_id), range="bytes=100-199", if_range=whole["ETag"])
    assert (part.status_code, part.body) == (206, whole.body[100:200])


def test_a_message_that_has_gone_is_not_found(hear, settings, ana, leave):
    msg_id = leave(ana)
    for file in (settings.PBX["OPTIONS"]["path"] / "spool").rglob("msg*"):
        file.unlink()
    assert hear(address(msg_id)).status_code == 404


def test_anothers_sound_and_guessed_ids_are_not_found(hear, bruno, leave):
    msg_id = leave(bruno)
    strange = [
        msg_id,
        "0",
        "x" * 300,
        "..",
        "..%2F..%2F202%2FINBOX%2Fmsg0000",
        "%2Fetc%2Fpasswd",
        "msg0000",
        "%00",
        "202@default",
    ]
    for each in strange:
        assert hear(address(each)).status_code == 404, each
        assert hear(f"buzon/mensaje/{each}/").status_code == 404, each


def test_a_greeting_is_heard_in_parts_too(hear, ana):
    path = "buzon/saludos/ausente/sonido.wav"
    assert hear(path).status_code == 404
    wav = tone(rate=8000, channels=1, subtype="PCM_16")
    get_pbx().voicemail.write_greeting(ana.mailbox, Greeting.UNAVAILABLE, wav)
    assert hear(path, range="bytes=44-").body == wav[44:]
    assert hear("buzon/saludos/ausente/borrador.wav").status_code == 404


@pytest.mark.parametrize("name", ["unavail", "x", "..", "Ausente"])
def test_other_greetings_do_not_exist(hear, name):
    assert hear(f"buzon/saludos/{name}/sonido.wav").status_code == 404


def test_sound_is_heard_while_the_telephone_system_is_away(hear, node, ana, leave):
    msg_id = leave(ana)
    node().faults.set(Mode.AWAY)
    assert hear(address(msg_id)).status_code == 200


def test_without_the_spool_the_answer_is_that_it_is_away(as_ana, page, settings, ana, leave):
    msg_id = leave(ana)
    get_pbx()
    as_ana.raise_request_exception = False
    spool = settings.PBX["OPTIONS"]["path"] / "spool" / "voicemail"
    spool.rename(spool.with_name("elsewhere"))
    assert as_ana.get(page(address(msg_id))).status_code == 503
    answer = as_ana.get(page(f"buzon/mensaje/{msg_id}/"))
    assert answer.status_code == 503
    assert "Ahora no se puede leer el buzón" in answer.content.decode()
