"""What scripts of Django's administration say, where Django lacks it in one of our languages."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_GET
from django.views.i18n import JavaScriptCatalog

TEXTS = (
    _('Choose %s by selecting them and then select the "Choose" arrow button.'),
    _('Remove %s by selecting them and then select the "Remove" arrow button.'),
    _("Choose all %s"),
    _("Choose selected %s"),
    _("Remove all %s"),
    _("Remove selected %s"),
    _("(click to clear)"),
    _("Type into this box to filter down the list of selected %s."),
    _(
        "You have selected an action, but you haven’t saved your changes to individual fields yet. "
        "Please click OK to save. You’ll need to re-run the action."
    ),
    _(
        "You have selected an action, and you haven’t made any changes on individual fields. "
        "You’re probably looking for the Go button rather than the Save button."
    ),
)

COUNTED: dict[str, Callable[[int], str]] = {
    "%(sel)s of %(cnt)s selected": lambda n: ngettext(
        "%(sel)s of %(cnt)s selected", "%(sel)s of %(cnt)s selected", n
    ),
    "%s selected option not visible": lambda n: ngettext(
        "%s selected option not visible", "%s selected options not visible", n
    ),
}


class ScriptTexts(JavaScriptCatalog):
    """Django's texts for scripts, and ours."""

    def get_catalog(self) -> dict[str, Any]:
        """Those of Django, completed by our catalogue."""
        own: dict[str, Any] = {text: said for text in TEXTS if (said := gettext(text)) != text}
        for text, say in COUNTED.items():
            if say(1) != text:
                own[text] = [say(1), say(2)]
        return {**super().get_catalog(), **own}


@require_GET
def jsi18n(request: HttpRequest) -> HttpResponseBase:
    """The texts as a script, in the language that is spoken now."""
    return ScriptTexts.as_view(packages=["django.contrib.admin"])(request)
