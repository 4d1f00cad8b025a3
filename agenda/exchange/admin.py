"""Imports into the company's book, for administrators: the same steps as for everybody's own."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.exchange import arriving, steps, work
from agenda.exchange.forms import MOST_BYTES, ColumnsForm, UploadForm
from agenda.exchange.models import ContactImport
from portal.csv_table import NotReadable
from portal.uploads import takes

State = ContactImport.State


@admin.register(ContactImport)
class ContactImportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Files that administrators import into the company's book."""

    list_display = ["name", "uploaded_at", "actor", "state", "added", "changed"]
    list_select_related = ["actor"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """What people import into their own books is theirs."""
        return super().get_queryset(request).filter(owner__isnull=True)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may add contacts one by one may add many."""
        return bool(request.user.has_perm("agenda.add_contact"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Adding, changing and, to take an import back, deleting."""
        needed = [f"agenda.{each}_contact" for each in ("add", "change", "delete")]
        return bool(request.user.has_perms(needed))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An import is forgotten by itself; what is not carried out is thrown away."""
        return False

    @takes(MOST_BYTES)
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Take a file in."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                batch = arriving.take_in(None, request.user, file, file.name, timezone.now())
            except NotReadable as error:
                form.add_error("file", str(error))
            else:
                self.log_addition(request, batch, [{"added": {}}])
                work.go_on(batch)
                return HttpResponseRedirect(_here(batch))
        return self._page(request, "add_form", {"form": form, "title": _("Importar contactos")})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show how far an import is, and take its next step."""
        batch = self.get_object(request, object_id)
        if batch is None:
            raise Http404
        if not self.has_change_permission(request, batch):
            raise PermissionDenied
        form = None
        if request.method == "POST":
            form, query = self._step(request, batch)
            if form is None:
                return HttpResponseRedirect(_after(batch) + query)
        context = {**_addresses(batch), **steps.context(batch, request.GET, form)}
        return self._page(request, "change_form", {**context, "title": batch.name})

    def _step(self, request: HttpRequest, batch: ContactImport) -> tuple[ColumnsForm | None, str]:
        """One step: the form, where it has to be filled in again, and the query to go on with."""
        step = request.GET.get("paso")
        if step == "columnas":
            return steps.name_columns(batch, request.POST), ""
        if step == "elegir":
            return None, self._choose(request, batch)
        if step == "descartar":
            steps.discard(batch)
        elif step == "retirar":
            self.log_change(request, batch, _("Importación deshecha."))
            steps.take_back(batch)
        return None, ""

    def _choose(self, request: HttpRequest, batch: ContactImport) -> str:
        try:
            query = steps.choose(batch, request.POST)
        except steps.NothingChosen:
            text = _("No hay nada elegido. Marca al menos un contacto.")
            self.message_user(request, text, messages.WARNING)
            return ""
        if batch.state != State.READY:
            self.log_change(request, batch, _("Importada."))
        return query

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        status = 422 if (form := context.get("form")) is not None and form.errors else 200
        template = f"admin/agenda/contactimport/{name}.html"
        return TemplateResponse(request, template, {**shared, **context}, status=status)


def _after(batch: ContactImport) -> str:
    """Where to look after a step: the import, or the list where it is no more."""
    if ContactImport.objects.filter(pk=batch.pk).exists():
        return _here(batch)
    return reverse("admin:agenda_contactimport_changelist")


def _here(batch: ContactImport) -> str:
    return reverse("admin:agenda_contactimport_change", args=[batch.pk])


def _addresses(batch: ContactImport) -> dict[str, str]:
    here = _here(batch)
    return {
        "here": here,
        "name_columns": f"{here}?paso=columnas",
        "choose": f"{here}?paso=elegir",
        "throw_away": f"{here}?paso=descartar",
        "take_back": f"{here}?paso=retirar",
        "other": reverse("admin:agenda_contactimport_add"),
        "book": reverse("admin:agenda_contact_changelist"),
    }
