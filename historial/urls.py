"""Addresses of this tab."""

from django.urls import path

from historial import views

app_name = "historial"
urlpatterns = [
    path("", views.historial, name="historial"),
    path("resumen/", views.resumen, name="resumen"),
    path("exportar/", views.exportar, name="exportar"),
    path("pendientes/", views.pendientes, name="pendientes"),
    path("marcar/", views.marcar, name="marcar"),
    path("desmarcar/", views.desmarcar, name="desmarcar"),
    path("llamada/<str:key>/", views.llamada, name="llamada"),
]
