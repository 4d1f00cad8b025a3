"""All addresses, below the prefix that the installation chose."""

from allauth.account import views as account
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from portal import calling, views

pages: list[URLPattern | URLResolver] = [
    path("", views.inicio, name="inicio"),
    path("agenda/", include("agenda.urls")),
    path("historial/", include("historial.urls")),
    path("buzon/", include("buzon.urls")),
    path("desvios/", include("desvios.urls")),
    path("", include("ajustes.urls")),
    path("llamar/", calling.llamar, name="llamar"),
    path("llamar/colgar/", calling.colgar, name="colgar"),
    path("llamada/", calling.llamada, name="llamada"),
    path("tema/", views.tema, name="tema"),
    path("salud/", views.salud, name="salud"),
    path("eventos/", views.eventos, name="eventos"),
    # The names of these are allauth's own.
    path("entrar/", account.login, name="account_login"),
    path("salir/", account.logout, name="account_logout"),
    path("entrar/inactivo/", account.account_inactive, name="account_inactive"),
    path("entrar/confirmar/", account.reauthenticate, name="account_reauthenticate"),
    path("ajustes/contrasena/", account.password_change, name="account_change_password"),
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
