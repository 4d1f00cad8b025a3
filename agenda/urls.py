"""Addresses of this tab."""

from django.urls import path

from agenda import views

app_name = "agenda"
urlpatterns = [
    path("", views.agenda, name="agenda"),
    path("nuevo/", views.nuevo, name="nuevo"),
    path("proponer/", views.proponer, name="proponer"),
    path("deshacer/<int:pk>/", views.deshacer, name="deshacer"),
    path("importar/", views.importar, name="importar"),
    path("importar/<int:pk>/", views.importacion, name="importacion"),
    path("importar/<int:pk>/columnas/", views.columnas, name="columnas"),
    path("importar/<int:pk>/elegir/", views.elegir, name="elegir"),
    path("importar/<int:pk>/descartar/", views.descartar, name="descartar"),
    path("importar/<int:pk>/retirar/", views.retirar, name="retirar"),
    path("<int:pk>/", views.contacto, name="contacto"),
    path("<int:pk>/editar/", views.editar, name="editar"),
]
