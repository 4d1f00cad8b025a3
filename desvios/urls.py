"""Addresses of the page Desvíos."""

from django.urls import path

from desvios import views

app_name = "desvios"
urlpatterns = [
    path("", views.desvios, name="desvios"),
    path("quitar/", views.quitar, name="quitar"),
    path("deshacer/<int:pk>/", views.deshacer, name="deshacer"),
    path("numeros/", views.numeros, name="numeros"),
]
