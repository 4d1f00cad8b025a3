"""The forms by which address books come from elsewhere."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agenda.exchange import arriving
from agenda.exchange.headings import FIELDS, is_enough
from agenda.exchange.models import ContactImport
from portal.uploads import UploadField

MOST_BYTES = 32 * 1024 * 1024
"""A telephone's address book with a picture of everybody."""


class UploadForm(forms.Form):
    """An address book."""

    file = UploadField(
        label=gettext_lazy("Archivo de contactos (.vcf o .csv)"),
        accept=".vcf,.csv,.txt,text/vcard,text/csv",
        missing=gettext_lazy("Elige el archivo .vcf o .csv que quieres importar."),
        most_bytes=MOST_BYTES,
    )


class ColumnsForm(forms.Form):
    """What each column of a table is."""

    def __init__(self, batch: ContactImport, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        samples = arriving.samples_of(batch, 3)
        choices = [("", gettext_lazy("No importar")), *FIELDS.items()]
        for at, heading in enumerate(arriving.headings_of(batch)):
            seen = (cells[at].strip() for cells in samples if at < len(cells))
            self.fields[f"columna-{at}"] = forms.ChoiceField(
                label=heading or _("Columna %d") % (at + 1),
                choices=choices,
                required=False,
                initial=batch.columns[at],
                help_text=" · ".join(text[:30] for text in seen if text),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not is_enough(set(data.values())):
            raise ValidationError(
                _("Di al menos qué columna es el nombre y cuál el número de teléfono.")
            )
        return data

    @property
    def kinds(self) -> list[str]:
        """What the columns are, in their order."""
        return list(self.cleaned_data.values())
