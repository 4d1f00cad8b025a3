"""The administrator's side."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal.admin.logins import LoginEventAdmin, PersonAdmin
from portal.admin.subscribers import AuditEventAdmin, ServiceClassAdmin, SubscriberAdmin

__all__ = [
    "AuditEventAdmin",
    "LoginEventAdmin",
    "PersonAdmin",
    "ServiceClassAdmin",
    "SubscriberAdmin",
]

admin.site.site_header = _("Administración de Webfon")
admin.site.site_title = _("Webfon")
admin.site.index_title = _("Administración")
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
