"""What administrators look at and do for one subscriber. The log says who did it for whom."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.forms import TextInput
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desvios import changes
from desvios.apply import apply
from desvios.calendar.changes import ChangedMeanwhile
from desvios.clearing import clear
from desvios.forms import ForwardingForm
from desvios.models import CONTENT, rules_of
from desvios.plan import Kind
from desvios.wording import GROUP_NAMES
from portal.accounts import telephone_locks
from portal.admin.logins import DEEDS
from portal.admin.situation import situation
from portal.audit import record
from portal.models import AuditEvent, Subscriber
from portal.pbx.errors import PBXError

FIELDS_OF_KIND = ("to_voicemail", "number", "number_enabled")

LOOK, FORWARD = "portal.view_subscriber", "desvios.change_forwardingrules"
UNLOCK_CODE = "portal.unlock_access_code"


class RulesForm(ForwardingForm):
    """As on the person's own page, without what only the person sets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("display_name", "access_code"):
            del self.fields[name]
        for kind in Kind:  # the person's own address book completes nothing here
            self.fields[f"{kind}_number"].widget = TextInput(attrs={"inputmode": "tel"})


def with_right(right: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let in whoever may look at subscribers and has the right; hand on the subscriber."""

    def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def respond(request: HttpRequest, pk: int) -> HttpResponse:
            if not request.user.has_perms([LOOK, right]):
                raise PermissionDenied
            related = ("user", "call_class", "forward_class")
            rows = Subscriber.objects.select_related(*related)
            return view(request, get_object_or_404(rows, pk=pk))

        return respond

    return guarded


@require_GET
@with_right(LOOK)
def situacion(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """What happens to the calls now and why, what the nodes hold, telephones, queues, the door."""
    user = request.user
    deeds = [deed for deed, (right, *_rest) in DEEDS.items() if user.has_perm(right)]
    context = {**situation(subscriber, timezone.now()), "deeds": deeds}
    return _page(request, subscriber, "situacion", context)


@require_http_methods(["GET", "POST"])
@with_right(FORWARD)
def cambiar_desvios(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """The person's forwarding, by the same rules as on the person's own page."""
    rules, data = rules_of(subscriber), request.POST if request.method == "POST" else None
    form = RulesForm(data, instance=rules)
    revision = request.POST.get("revision", str(subscriber.revision))
    if data is None or not form.is_valid():
        return _form(request, subscriber, form, revision)
    wanted = {name: form.cleaned_data[name] for name in CONTENT}
    seen = int(revision) if revision.isascii() and revision.isdigit() else -1
    try:
        event = changes.save(request, subscriber, wanted, at=timezone.now(), seen_revision=seen)
    except changes.Conflict as conflict:
        text = _("Mientras tanto lo ha cambiado alguien. Revísalo y guarda otra vez.")
        form.add_error(None, text)
        return _form(request, subscriber, form, str(conflict.revision))
    _apply_and_tell(request, subscriber, event)
    return redirect("admin:situacion", subscriber.pk)


@require_POST
@with_right(FORWARD)
def quitar_desvio(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Let calls reach the telephone again; the numbers stay."""
    try:
        cleared = clear(request, subscriber, timezone.now())
    except ChangedMeanwhile:
        messages.warning(request, _("El calendario cambió en este momento. Mira lo que hay ahora."))
    else:
        _apply_and_tell(request, subscriber, cleared.event)
    return redirect("admin:situacion", subscriber.pk)


@require_POST
@with_right(LOOK)
def entrada(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Unlock, end sessions or take factors away: the actions of the list of users, for one."""
    deed = request.POST.get("accion", "")
    if deed not in DEEDS or subscriber.user is None:
        raise Http404
    admin.site.get_model_admin(User).act(request, deed, [subscriber.user])  # type: ignore[attr-defined]
    return redirect("admin:situacion", subscriber.pk)


@require_POST
@with_right(UNLOCK_CODE)
def clave(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Let the person in at telephones again after too many wrong claves."""
    now = timezone.now()
    try:
        was_locked = telephone_locks.is_locked(subscriber, now)
        away = telephone_locks.unlock(subscriber)
    except PBXError:
        messages.error(request, _("La centralita no responde: no se ha desbloqueado nada."))
        return redirect("admin:situacion", subscriber.pk)
    before, after = {"code_locked": was_locked}, {"code_locked": False}
    action = AuditEvent.Action.SECURITY
    record(request, subscriber, action, before=before, after=after, at=now)
    if away:
        text = _("Clave desbloqueada, menos en los nodos que no responden: %s.")
        messages.warning(request, text % ", ".join(away))
    else:
        messages.success(request, _("Clave desbloqueada."))
    return redirect("admin:situacion", subscriber.pk)


def _apply_and_tell(request: HttpRequest, subscriber: Subscriber, event: AuditEvent | None) -> None:
    if event is None:
        messages.info(request, _("No había nada que cambiar."))
    elif apply(subscriber):
        messages.success(request, _("Cambiado: activo en la centralita."))
    else:
        text = _("Cambiado, pendiente de aplicar: la centralita no responde. Se aplicará sola.")
        messages.warning(request, text)


def _form(
    request: HttpRequest, subscriber: Subscriber, form: RulesForm, revision: str
) -> HttpResponse:
    groups = [
        {
            "title": GROUP_NAMES[kind](),
            "fields": [form[f"{kind}_{end}"] for end in FIELDS_OF_KIND],
        }
        for kind in Kind
    ]
    others = [form[name] for name in ("calendar_enabled", "do_not_disturb", "ring_seconds")]
    groups.append({"title": _("Además"), "fields": others})
    context = {"form": form, "groups": groups, "revision": revision}
    status = (409 if form.non_field_errors() else 422) if form.errors else 200
    return _page(request, subscriber, "cambiar_desvios", context, status=status)


def _page(
    request: HttpRequest,
    subscriber: Subscriber,
    name: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    shared = {
        **admin.site.each_context(request),
        "opts": Subscriber._meta,
        "person": subscriber,
        "title": str(subscriber),
        "may_forward": request.user.has_perm(FORWARD),
        "may_unlock_code": request.user.has_perm(UNLOCK_CODE),
        "may_edit": request.user.has_perm("portal.change_subscriber"),
    }
    template = f"admin/portal/subscriber/{name}.html"
    return TemplateResponse(request, template, {**shared, **context}, status=status)
