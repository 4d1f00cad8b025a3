"""What the owner of a mailbox sees in it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from agenda.models import Contact
from buzon import listing
from buzon.models import BinnedMessage, ForwardedMessage
from portal.pbx.errors import NotFound

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def ids(rows):
    return [row.message.msg_id for row in rows]


def contact(owner, name, number):
    Contact.objects.create(owner=owner, first_name=name, display_name=name, number=number)


def test_what_nobody_has_heard_comes_first_and_then_the_newest(ana, leave):
    heard = leave(ana, at=NINE + timedelta(hours=2), folder="Old")
    older = leave(ana, at=NINE)
    newer = leave(ana, at=NINE + timedelta(hours=1))
    urgent = leave(ana, at=NINE + timedelta(minutes=30), folder="Urgent")
    rows = listing.rows(ana)
    assert ids(rows) == [newer, urgent, older, heard]
    assert [row.is_heard for row in rows] == [False, False, False, True]


def test_only_what_is_heard_or_only_what_is_not(ana, leave):
    new, heard = leave(ana), leave(ana, folder="Old")
    assert ids(listing.rows(ana, state=listing.NEW)) == [new]
    assert ids(listing.rows(ana, state=listing.HEARD)) == [heard]


@pytest.mark.parametrize(
    ("slug", "folder"),
    [(slug, folder) for slug, found in listing.PBX_FOLDERS.items() for folder in found],
)
def test_each_folder_of_the_telephone_system_is_in_one_of_the_pages(ana, leave, slug, folder):
    msg_id = leave(ana, folder=folder)
    assert ids(listing.rows(ana, folder=slug)) == [msg_id]
    assert [row.folder for row in listing.rows(ana, folder=slug)] == [slug]
    assert sum(len(listing.rows(ana, folder=each)) for each in listing.FOLDERS) == 1


def test_a_caller_has_the_name_that_the_subscriber_gave(ana, bruno, leave):
    contact(ana, "María Ibáñez", "600123123")
    leave(ana)
    leave(bruno)
    assert [row.name for row in listing.rows(ana)] == ["María Ibáñez"]
    assert [row.name for row in listing.rows(bruno)] == ["600 12 31 23"]


def test_a_caller_whom_nobody_knows_has_the_name_that_came_with_the_call(ana, leave):
    leave(ana, caller='"Ferretería Sol" <911234567>', number="911234567")
    assert [row.name for row in listing.rows(ana)] == ["Ferretería Sol"]


def test_a_caller_who_withholds_the_number_is_called_so(ana, leave):
    leave(ana, number="", caller="Anonymous")
    assert [row.name for row in listing.rows(ana)] == ["Número oculto"]


@pytest.mark.parametrize(
    "search", ["ibañez", "MARÍA", "  maria   ib", "600123", "600 12 31", "0-12"]
)
def test_a_search_looks_in_names_and_numbers_whatever_the_accents(ana, leave, search):
    contact(ana, "María Ibáñez", "600123123")
    wanted = leave(ana)
    leave(ana, number="911234567")
    assert ids(listing.rows(ana, search=search)) == [wanted]


@pytest.mark.parametrize("search", ["zzz", "%", "_", "maria 2", "9999"])
def test_a_search_for_what_is_not_there_finds_nothing(ana, leave, search):
    contact(ana, "María Ibáñez", "600123123")
    leave(ana)
    assert ids(listing.rows(ana, search=search)) == []


def test_folders_are_counted(ana, leave):
    for folder in ("INBOX", "Urgent", "Old", "Work", "Cust5"):
        leave(ana, folder=folder)
    counts = listing.folder_counts(ana)
    assert counts["recibidos"] == (3, 2)
    assert counts["trabajo"] == (1, 0)
    assert counts["papelera"] == (1, 0)
    assert counts["amigos"] == (0, 0)
    assert list(counts) == list(listing.FOLDERS)


def test_a_message_that_was_sent_on_says_by_whom_and_why(ana, bruno, leave):
    msg_id = leave(ana)
    told = {"msg_id": msg_id, "sender": "Bruno", "note": "Llámala tú", "at": timezone.now()}
    ForwardedMessage.objects.create(mailbox=ana.mailbox, **told)
    row = listing.find(ana, msg_id)
    assert (row.sender, row.note) == ("Bruno", "Llámala tú")


def test_a_note_for_another_mailbox_is_not_shown(ana, bruno, leave):
    msg_id = leave(ana)
    told = {"msg_id": msg_id, "sender": "Carla", "note": "Secreto", "at": timezone.now()}
    ForwardedMessage.objects.create(mailbox=bruno.mailbox, **told)
    assert listing.find(ana, msg_id).note == ""


def test_a_message_in_the_bin_says_since_when(ana, leave):
    known, unknown = leave(ana, folder="Cust5"), leave(ana, folder="Cust5")
    BinnedMessage.objects.create(mailbox=ana.mailbox, msg_id=known, folder="Work", binned_at=NINE)
    assert listing.find(ana, known).binned_at == NINE
    assert listing.find(ana, unknown).binned_at is None


def test_a_row_of_the_bin_means_nothing_for_a_message_that_is_elsewhere(ana, leave):
    msg_id = leave(ana)
    BinnedMessage.objects.create(mailbox=ana.mailbox, msg_id=msg_id, folder="Work", binned_at=NINE)
    assert listing.find(ana, msg_id).binned_at is None


def test_another_ones_message_is_not_found(ana, bruno, leave):
    msg_id = leave(bruno)
    assert listing.find(bruno, msg_id).message.msg_id == msg_id
    with pytest.raises(NotFound):
        listing.find(ana, msg_id)


@pytest.mark.parametrize("msg_id", ["", "..", "../../202/INBOX/msg0000", "msg0000", "*", "\0"])
def test_an_id_that_is_guessed_is_not_found(ana, bruno, leave, msg_id):
    leave(ana)
    with pytest.raises(NotFound):
        listing.find(ana, msg_id)


def test_who_has_no_mailbox_has_no_messages(ana):
    ana.mailbox = ""
    assert list(listing.rows(ana)) == []
    assert listing.folder_counts(ana)["recibidos"] == (0, 0)
    with pytest.raises(NotFound):
        listing.find(ana, "1")


def test_a_page_costs_the_same_queries_whatever_it_shows(ana, leave, django_assert_num_queries):
    for number in range(30):
        leave(ana, number=f"6001231{number:02d}")
    with django_assert_num_queries(2):  # names, and notes of what was sent on
        assert len(listing.rows(ana)[:25]) == 25
    with django_assert_num_queries(2):
        assert len(listing.rows(ana)[:5]) == 5
