"""The steps of an import, for whoever takes them: a subscriber or an administrator."""

from typing import Any

from django.utils.http import urlencode

from agenda.exchange import arriving, preview, work
from agenda.exchange.forms import ColumnsForm
from agenda.exchange.models import ContactImport

State = ContactImport.State


class NothingChosen(Exception):
    """Nothing is ticked, so there is nothing to import."""


def name_columns(batch: ContactImport, post: Any) -> ColumnsForm | None:
    """Take what each column is, and read the file by it; the form, where that is not enough."""
    if batch.kind != arriving.CSV or batch.state not in {State.MAPPING, State.READY}:
        return None
    form = ColumnsForm(batch, post)
    if not form.is_valid():
        return form
    if batch.move(batch.state, State.READING):
        batch.columns = form.kinds
        batch.save(update_fields=["columns"])
        arriving.begin_again(batch)
        work.go_on(batch)
    return None


def choose(batch: ContactImport, post: Any) -> str:
    """Keep what was ticked, then import or go on looking; returns the query of where to look.

    Raises ``NothingChosen``.
    """
    if batch.state != State.READY:
        return ""
    preview.keep_choices(batch, post)
    action, kind = post.get("hacer", ""), post.get("ver", "")
    if action in {"todos", "ninguno"}:
        preview.choose_all(batch, kind, chosen=action == "todos")
    if action != "importar":
        query = {"ver": post.get("ir_a") or kind, "pagina": post.get("pagina", "")}
        return "?" + urlencode({name: value for name, value in query.items() if value})
    if not batch.rows.filter(is_chosen=True).exists():
        raise NothingChosen
    if batch.move(State.READY, State.STORING):
        work.go_on(batch)
    return ""


def discard(batch: ContactImport) -> bool:
    """Forget a file that was not imported; ``False`` for one that was, or is being worked on."""
    idle = ContactImport.objects.filter(pk=batch.pk, stored_at=None)
    count, _by_model = idle.exclude(state__in=ContactImport.WORKING).delete()
    return count > 0


def take_back(batch: ContactImport) -> None:
    """Undo the whole import."""
    if batch.move(State.DONE, State.UNDOING):
        work.go_on(batch)


def context(batch: ContactImport, asked: Any, form: ColumnsForm | None = None) -> dict[str, Any]:
    """What the page of an import shows: the form of its columns, its preview, or its state."""
    wants_columns = asked.get("ver") == "columnas" and batch.kind == arriving.CSV
    if form is None and (
        batch.state == State.MAPPING or (batch.state == State.READY and wants_columns)
    ):
        form = ColumnsForm(batch)
    found: dict[str, Any] = {"batch": batch, "form": form}
    if form is None and batch.state == State.READY:
        found |= preview.context(batch, asked.get("ver", ""), asked.get("pagina", ""))
    return found
