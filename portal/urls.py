"""All addresses, below the prefix that the installation chose."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from ajustes.views.seguridad import seguridad
from portal import calling, monitoring, views
from portal.accounts.audited import audited

security: list[URLPattern | URLResolver] = [
    # allauth goes back to these when something was changed.
    path("", seguridad, name="mfa_index"),
    path("", seguridad, name="mfa_list_webauthn"),
    path("aplicacion/", audited(totp.activate_totp), name="mfa_activate_totp"),
    path("aplicacion/quitar/", audited(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("llaves/nueva/", audited(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("llaves/<int:pk>/nombre/", audited(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("llaves/<int:pk>/quitar/", audited(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("codigos/", never_cache(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "codigos/nuevos/",
        audited(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "codigos/descargar/",
        recovery.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]

pages: list[URLPattern | URLResolver] = [
    path("", views.inicio, name="inicio"),
    path("ayuda/", views.ayuda, name="ayuda"),
    path("agenda/", include("agenda.urls")),
    path("historial/", include("historial.urls")),
    path("buzon/", include("buzon.urls")),
    path("desvios/", include("desvios.urls")),
    path("", include("ajustes.urls")),
    path("chat/", include("chat.urls")),
    path("llamar/", calling.llamar, name="llamar"),
    path("llamar/colgar/", calling.colgar, name="colgar"),
    path("llamada/", calling.llamada, name="llamada"),
    path("tema/", views.tema, name="tema"),
    path("idioma/", views.idioma, name="idioma"),
    path("salud/", monitoring.salud, name="salud"),
    path("metricas/", monitoring.metricas, name="metricas"),
    path("eventos/", views.eventos, name="eventos"),
    # The names of these are allauth's own.
    path("entrar/", account.login, name="account_login"),
    path("salir/", account.logout, name="account_logout"),
    path("entrar/inactivo/", account.account_inactive, name="account_inactive"),
    path("entrar/confirmar/", account.reauthenticate, name="account_reauthenticate"),
    path("entrar/segundo-paso/", mfa.authenticate, name="mfa_authenticate"),
    path("entrar/llave/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("entrar/confirmar/codigo/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "entrar/confirmar/llave/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("ajustes/contrasena/", account.password_change, name="account_change_password"),
    path("ajustes/contrasena/ninguna/", views.sin_contrasena, name="account_set_password"),
    path("ajustes/seguridad/", include(security)),
    path("registro/", views.no_encontrado, name="account_signup"),
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/", admin.site.urls),
]

urlpatterns: list[URLPattern | URLResolver] = [path(settings.PREFIX, include(pages))]
if settings.PREFIX:
    urlpatterns.append(path("", RedirectView.as_view(pattern_name="inicio")))

handler400 = "portal.views.peticion_incorrecta"
handler403 = "portal.views.sin_permiso"
handler404 = "portal.views.no_encontrado"
handler500 = "portal.views.error_interno"
