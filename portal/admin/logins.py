"""Users of the portal, for administrators: who may log in, and letting them in again."""

from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.admin import EmailAddress, EmailConfirmation
from allauth.mfa.admin import Authenticator
from allauth.usersessions.admin import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from portal.accounts import limits, sessions
from portal.accounts.audited import factors_of, record_security
from portal.admin.audited import AuditedAdmin
from portal.admin.reading import ReadOnlyAdmin
from portal.admin.rights import offered_in_words
from portal.models import AuditEvent, LoginEvent, Subscriber, check_digits_login

RECENT = 10
"""Logins that a user's page shows."""


class PersonForm(UserChangeForm):  # type: ignore[type-arg]
    """A user name made of digits must be that person's number."""

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        check_digits_login(username, Subscriber.objects.filter(user=self.instance).first())
        return username


# allauth's own pages would change the way in past the log of changes, and show what opens it. Once
# imported from its admin modules, the models are registered and can be taken off.
for _model in (User, Group, Authenticator, UserSession, EmailAddress, EmailConfirmation):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


@admin.register(User)
class PersonAdmin(AuditedAdmin, UserAdmin):  # type: ignore[type-arg]
    """Who may log in; unlocks, ends sessions, takes factors away.

    Each needs a right of its own, and nobody but a superuser does it to a superuser. Nobody changes
    somebody who may do more, nor gives away what they may not do themselves.
    """

    audit_action = AuditEvent.Action.SECURITY
    form = PersonForm
    actions = ["unlock", "end_sessions", "reset_factors"]
    list_display = ["username", "first_name", "last_name", "email", "is_staff", "subscriber"]
    list_select_related = ["subscriber"]
    search_fields = [*UserAdmin.search_fields, "subscriber__number"]
    readonly_fields = ["door", "factors", "open_sessions", "recent_logins"]
    fieldsets = [
        *(UserAdmin.fieldsets or ()),
        (_("La entrada"), {"fields": ["door", "factors", "open_sessions", "recent_logins"]}),
    ]

    @admin.display(description=_("estado"))
    def door(self, user: User) -> str:
        """Whether too many wrong tries have locked the user out."""
        if limits.is_locked(user):
            return str(_("Bloqueada por demasiados intentos"))
        return str(_("Abierta"))

    @admin.display(description=_("segundo paso y llaves"))
    def factors(self, user: User) -> str:
        """What the user shows at the door besides the password."""
        return ", ".join(factors_of(user).values()) or str(_("Ninguno"))

    @admin.display(description=_("sesiones abiertas"))
    def open_sessions(self, user: User) -> str:
        """Where the user is logged in."""
        found = sessions.open_sessions(user)
        rows = ((each.ip, each.user_agent[:80]) for each in found)
        return format_html_join("; ", "{} ({})", rows) or str(_("Ninguna"))

    @admin.display(description=_("últimas entradas"))
    def recent_logins(self, user: User) -> str:
        """Who came in under this name lately, or tried to."""
        found = LoginEvent.objects.filter(user=user)[:RECENT]
        rows = (
            (f"{each.at:%Y-%m-%d %H:%M}", each.get_outcome_display(), each.address)
            for each in found
        )
        return format_html_join("; ", "{} {} ({})", rows) or str(_("Ninguna"))

    @admin.action(description=_("Desbloquear la entrada"), permissions=["unlock"])
    def unlock(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Let people in again who mistyped too often."""
        self.act(request, "unlock", chosen)

    @admin.action(description=_("Cerrar todas sus sesiones"), permissions=["end"])
    def end_sessions(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Log people out everywhere."""
        self.act(request, "end_sessions", chosen)

    @admin.action(
        description=_("Quitar el segundo paso y las llaves de acceso"), permissions=["reset"]
    )
    def reset_factors(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Let people in with the password alone, who lost what they showed besides it."""
        self.act(request, "reset_factors", chosen)

    def act(self, request: HttpRequest, deed: str, chosen: Iterable[User]) -> None:
        """Do one of ``DEEDS`` to these people. Raises ``PermissionDenied`` without the right."""
        right, act, done = DEEDS[deed]
        if not request.user.has_perm(right):
            raise PermissionDenied
        chosen = list(chosen)
        allowed = [user for user in chosen if request.user.is_superuser or not user.is_superuser]
        for user in allowed:
            act(request, user)
        if allowed:
            names = ", ".join(user.get_username() for user in allowed)
            self.message_user(request, str(done) % names, messages.SUCCESS)
        if len(allowed) < len(chosen):
            text = _("A un superusuario solo se lo puede hacer otro superusuario.")
            self.message_user(request, text, messages.ERROR)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of nobody who may do more than oneself."""
        return super().has_change_permission(request, obj) and not _is_above(obj, request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of nobody who may do more than oneself."""
        return super().has_delete_permission(request, obj) and not _is_above(obj, request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Rights one by one, and that of everything, are for superusers to give."""
        fields = [*super().get_readonly_fields(request, obj)]
        if request.user.is_superuser:
            return fields
        return [*fields, "is_superuser", "user_permissions"]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only the groups that may do no more than whoever gives them."""
        if db_field.name == "groups" and not request.user.is_superuser:
            kwargs["queryset"] = _groups_below(request.user)
        return offered_in_words(super().formfield_for_manytomany(db_field, request, **kwargs))

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        """Whether this administrator may let people in again."""
        return request.user.has_perm("portal.unlock_login")

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whether this administrator may log people out."""
        return request.user.has_perm("portal.end_sessions")

    def has_reset_permission(self, request: HttpRequest) -> bool:
        """Whether this administrator may take factors away."""
        return request.user.has_perm("portal.reset_factors")


def _is_above(user: User | None, other: Any) -> bool:
    """Whether the user may do something that the other may not."""
    if user is None or other.is_superuser:
        return False
    return user.is_superuser or not user.get_all_permissions() <= other.get_all_permissions()


def _groups_below(user: Any) -> QuerySet[Group]:
    """The groups that may do nothing that the user may not."""
    own = user.get_all_permissions()
    rows = Group.objects.prefetch_related("permissions__content_type")
    fitting = [
        group.pk
        for group in rows
        if all(f"{p.content_type.app_label}.{p.codename}" in own for p in group.permissions.all())
    ]
    return Group.objects.filter(pk__in=fitting)


def _unlock(request: HttpRequest, user: User) -> None:
    was_locked = limits.is_locked(user)
    limits.unlock(user)
    record_security(request, user, before={"locked": was_locked}, after={"locked": False})


def _end_sessions(request: HttpRequest, user: User) -> None:
    ended = sessions.end(user)
    record_security(request, user, before={"sessions": ended}, after={"sessions": 0})


def _reset_factors(request: HttpRequest, user: User) -> None:
    with transaction.atomic():
        before = sorted(factors_of(user).values())
        Authenticator.objects.filter(user_id=user.pk).delete()
        record_security(request, user, before={"factors": before}, after={"factors": []})


DEEDS: dict[str, tuple[str, Callable[[HttpRequest, User], None], Any]] = {
    "unlock": ("portal.unlock_login", _unlock, _("Entrada desbloqueada: %s.")),
    "end_sessions": ("portal.end_sessions", _end_sessions, _("Sesiones cerradas: %s.")),
    "reset_factors": (
        "portal.reset_factors",
        _reset_factors,
        _("Sin segundo paso ni llaves: %s."),
    ),
}
"""What can be done to somebody's way in: the right it needs, the deed, and how it is said."""


@admin.register(Group)
class RightsAdmin(AuditedAdmin, GroupAdmin):
    """Groups of rights; who may change them may do everything, so only superusers do."""

    audit_action = AuditEvent.Action.SECURITY

    def formfield_for_manytomany(self, *args: Any, **kwargs: Any) -> Any:
        return offered_in_words(super().formfield_for_manytomany(*args, **kwargs))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(LoginEvent)
class LoginEventAdmin(ReadOnlyAdmin):
    """The history of logins, to read."""

    list_display = ["at", "username", "outcome", "method", "device", "address", "user_agent"]
    list_filter = ["outcome", "method"]
    search_fields = ["username", "address", "device"]
    date_hierarchy = "at"
