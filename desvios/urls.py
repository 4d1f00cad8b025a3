"""Addresses of the page Desvíos."""

from django.urls import path

from desvios.views import desvios

app_name = "desvios"
urlpatterns = [
    path("", desvios.desvios, name="desvios"),
    path("quitar/", desvios.quitar, name="quitar"),
    path("deshacer/<int:pk>/", desvios.deshacer, name="deshacer"),
    path("numeros/", desvios.numeros, name="numeros"),
]
