"""Addresses of this tab."""

from django.urls import path

from agenda import views

app_name = "agenda"
urlpatterns = [
    path("", views.agenda, name="agenda"),
    path("nuevo/", views.nuevo, name="nuevo"),
    path("proponer/", views.proponer, name="proponer"),
    path("deshacer/<int:pk>/", views.deshacer, name="deshacer"),
    path("<int:pk>/", views.contacto, name="contacto"),
    path("<int:pk>/editar/", views.editar, name="editar"),
]
