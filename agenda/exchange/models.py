"""What is on its way into a book: a file between upload and undo, and its lines."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.models import Subscriber


class ImportQuerySet(models.QuerySet["ContactImport"]):
    """Imports."""

    def into_book_of(self, owner: Subscriber | None) -> "ImportQuerySet":
        """Those into somebody's own book, or into the company's (``None``)."""
        return self.filter(owner=owner) if owner else self.filter(owner__isnull=True)

    def unfinished(self) -> "ImportQuerySet":
        """Those that somebody has to go on with: the link, or whoever waits."""
        return self.filter(state__in=ContactImport.WORKING)


class ContactImport(models.Model):
    """A file that somebody imports. ``owner`` is whose book it is; ``None`` is the company's.

    ``content`` is what is worth reading of the file, compressed, until its lines are in ``rows``.
    ``done`` of ``total`` says how far the work of the current state is.
    """

    class State(models.TextChoices):
        """How far it is."""

        MAPPING = "mapping", _("Falta decir qué es cada columna")
        READING = "reading", _("Leyendo")
        READY = "ready", _("Por importar")
        STORING = "storing", _("Importando")
        INDEXING = "indexing", _("Preparando la búsqueda")
        DONE = "done", _("Importada")
        UNDOING = "undoing", _("Deshaciendo")
        FAILED = "failed", _("No se puede leer")

    WORKING = (State.READING, State.STORING, State.INDEXING, State.UNDOING)

    owner = models.ForeignKey(
        Subscriber,
        on_delete=models.CASCADE,
        null=True,
        related_name="contact_imports",
        verbose_name=_("agenda de"),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("quién"),
    )
    name = models.CharField(_("archivo"), max_length=100)
    kind = models.CharField(max_length=5)
    content = models.BinaryField(default=bytes)
    columns: Any = models.JSONField(default=list)
    state = models.CharField(_("estado"), max_length=10, choices=State)
    error = models.CharField(max_length=300, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(_("añadidos"), default=0)
    changed = models.PositiveIntegerField(_("cambiados"), default=0)
    kept = models.PositiveIntegerField(default=0)
    uploaded_at = models.DateTimeField(_("subida"), db_index=True)
    stored_at = models.DateTimeField(_("importada"), null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("importación de contactos")
        verbose_name_plural = _("importaciones de contactos")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_working(self) -> bool:
        """Whether there is something to wait for."""
        return self.state in self.WORKING

    @property
    def percent(self) -> int:
        """How much of the current work is done."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    def enter(self, state: str, *, total: int = 0, **values: Any) -> None:
        """Begin another state from its beginning."""
        values |= {"state": state, "total": total, "done": 0}
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))

    def move(self, before: str, after: str) -> bool:
        """Go from one state into another; ``False`` if somebody else has done so already."""
        here = ContactImport.objects.filter(pk=self.pk, state=before)
        moved = here.update(state=after, total=0, done=0) == 1
        self.refresh_from_db()
        return moved


class ImportRow(models.Model):
    """One card or line: what it would change, whether it is chosen, what was there before.

    ``data`` holds the record as a contact would; ``fills`` what the contact lacks, ``differs`` what
    it says otherwise, as pairs of its own and the file's. ``contact`` is whom it is about.
    """

    class Outcome(models.TextChoices):
        """What the import does with it."""

        NEW = "new", _("Nuevo")
        CHANGED = "changed", _("Cambia")
        SAME = "same", _("Igual")
        REFUSED = "refused", _("Rechazado")

    batch = models.ForeignKey(ContactImport, on_delete=models.CASCADE, related_name="rows")
    place = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=300, blank=True)
    number = models.CharField(max_length=40, blank=True)
    data: Any = models.JSONField(default=dict)
    fills: Any = models.JSONField(default=dict)
    differs: Any = models.JSONField(default=dict)
    contact = models.ForeignKey(
        "agenda.Contact", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    is_chosen = models.BooleanField(default=False)
    replaces = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("línea de una importación")
        verbose_name_plural = _("líneas de importaciones")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "place"], name="import_row_place"),
        ]
        indexes = [
            models.Index(fields=["batch", "outcome", "place"], name="import_row_outcome"),
            models.Index(
                fields=["batch", "number"], condition=~Q(number=""), name="import_row_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch}/{self.place}"


class ImportedContact(models.Model):
    """What an import did to one contact.

    A new one has no ``before``; a changed one has what was there and what came, by field.
    """

    batch = models.ForeignKey(ContactImport, on_delete=models.CASCADE, related_name="imported")
    contact = models.ForeignKey("agenda.Contact", on_delete=models.CASCADE, related_name="+")
    before: Any = models.JSONField(null=True)
    after: Any = models.JSONField(null=True)

    class Meta:
        verbose_name = _("contacto importado")
        verbose_name_plural = _("contactos importados")

    def __str__(self) -> str:
        return str(self.contact)
