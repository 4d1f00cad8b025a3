"""Going on with imports: at once where that is quick, else by the link, a piece at a time."""

import logging
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from threading import Thread
from threading import enumerate as running
from time import monotonic

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone, translation

from agenda.exchange import arriving, storing
from agenda.exchange.models import ContactImport
from portal import logs
from portal.csv_table import NotReadable
from portal.locks import LockTimeout, lock
from portal.models import Subscriber

log = logging.getLogger(__name__)

State = ContactImport.State
QUICK = 0.7
"""Seconds that a page works on an import before it leaves the rest to the link."""

FEW = 1000
"""Contacts that are stored within a page; more would keep it waiting."""

FORGET_OPEN = timedelta(days=1)


def go_on(batch: ContactImport, *, seconds: float = QUICK) -> None:
    """Work on an import for about so long; somebody else may be at it already."""
    _guarded(batch.pk, monotonic() + seconds, FEW)
    batch.refresh_from_db()


def go_on_all() -> None:
    """A job of the link: finish what is unfinished, beside its other jobs."""
    for key in ContactImport.objects.unfinished().values_list("pk", flat=True):
        name = f"contact-import-{key}"
        if not any(thread.name == name for thread in running()):
            Thread(target=logs.carried(_in_thread), args=(key,), name=name, daemon=True).start()


def forget() -> None:
    """A job of the link: files nobody imported, and imports too old to be taken back."""
    now = timezone.now()
    idle = ContactImport.objects.exclude(state__in=ContactImport.WORKING)
    idle.filter(stored_at=None, uploaded_at__lt=now - FORGET_OPEN).delete()
    over = now - timedelta(days=settings.BIN_DAYS)
    idle.filter(stored_at__lt=over).delete()


def finish(key: int) -> None:
    """Work on an import until there is nothing left to do, and note it in its owner's language."""
    owner = Subscriber.objects.filter(contact_imports=key).first()
    with translation.override(owner.letters_in if owner else settings.LANGUAGE_CODE):
        _guarded(key, None, None)


def _in_thread(key: int) -> None:
    try:
        close_old_connections()
        finish(key)
    except Exception:  # a thread has nobody else to tell
        log.exception("the import %s stopped; it will be tried again", key)
    finally:
        connection.close()


def _guarded(key: int, until: float | None, few: int | None) -> None:
    try:
        with lock(f"contact-import-{key}", timeout=0):
            batch = ContactImport.objects.filter(pk=key).first()
            while batch and batch.is_working and (until is None or monotonic() < until):
                if few is not None and _is_large(batch, few):
                    break
                STEPS[batch.state](batch, until)
    except LockTimeout:
        log.info("somebody else works on the import %s", key)


def _is_large(batch: ContactImport, few: int) -> bool:
    """Whether what is to be done cannot be interrupted and takes long."""
    if batch.state == State.STORING:
        return batch.rows.filter(is_chosen=True).count() > few
    return batch.state == State.UNDOING and batch.imported.count() > few


def _read(batch: ContactImport, until: float | None) -> None:
    try:
        records = islice(arriving.records_of(batch), batch.done, None)
        while arriving.read_on(batch, records):
            if until is not None and monotonic() > until:
                return
    except NotReadable as error:
        batch.rows.all().delete()
        batch.enter(State.FAILED, error=str(error)[:300])
    else:
        batch.enter(State.READY)


def _store(batch: ContactImport, until: float | None) -> None:
    storing.store(batch, timezone.now())


def _index(batch: ContactImport, until: float | None) -> None:
    while storing.index_on(batch):
        if until is not None and monotonic() > until:
            return
    if batch.stored_at:
        batch.enter(State.DONE)
    else:
        arriving.begin_again(batch)


def _undo(batch: ContactImport, until: float | None) -> None:
    storing.undo(batch, timezone.now())


STEPS: dict[str, Callable[[ContactImport, float | None], None]] = {
    State.READING: _read,
    State.STORING: _store,
    State.INDEXING: _index,
    State.UNDOING: _undo,
}
