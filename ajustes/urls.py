"""Addresses of Ajustes and Información."""

from django.urls import path

from ajustes import views

app_name = "ajustes"
urlpatterns = [
    path("ajustes/", views.ajustes, name="ajustes"),
    path("informacion/", views.informacion, name="informacion"),
]
