"""The administrator's side."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from portal.admin.agents import colas_y_agentes
from portal.admin.imports import SubscriberImportAdmin
from portal.admin.log import AuditEventAdmin
from portal.admin.logins import LoginEventAdmin, PersonAdmin, RightsAdmin
from portal.admin.script_texts import jsi18n
from portal.admin.subscribers import ServiceClassAdmin, SubscriberAdmin

__all__ = [
    "AuditEventAdmin",
    "LoginEventAdmin",
    "PersonAdmin",
    "RightsAdmin",
    "ServiceClassAdmin",
    "SubscriberAdmin",
    "SubscriberImportAdmin",
]

admin.site.add_page("colas/", colas_y_agentes)  # type: ignore[attr-defined]
admin.site.add_page("jsi18n/", jsi18n)  # type: ignore[attr-defined]
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
