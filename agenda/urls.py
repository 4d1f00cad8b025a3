"""Addresses of this tab."""

from django.urls import path

from agenda import views

app_name = "agenda"
urlpatterns = [
    path("", views.agenda, name="agenda"),
    path("nuevo/", views.nuevo, name="nuevo"),
    path("proponer/", views.proponer, name="proponer"),
    path("ordenar/", views.ordenar, name="ordenar"),
    path("papelera/", views.papelera, name="papelera"),
    path("papelera/vaciar/", views.vaciar, name="vaciar"),
    path("deshacer/<int:pk>/", views.deshacer, name="deshacer"),
    path("importar/", views.importar, name="importar"),
    path("importar/<int:pk>/", views.importacion, name="importacion"),
    path("importar/<int:pk>/columnas/", views.columnas, name="columnas"),
    path("importar/<int:pk>/elegir/", views.elegir, name="elegir"),
    path("importar/<int:pk>/descartar/", views.descartar, name="descartar"),
    path("importar/<int:pk>/retirar/", views.retirar, name="retirar"),
    path("exportar/", views.exportar, name="exportar"),
    path("exportar/agenda.csv", views.hoja, name="hoja"),
    path("exportar/agenda.vcf", views.tarjetas, name="tarjetas"),
    path("duplicados/", views.duplicados, name="duplicados"),
    path("duplicados/unir/", views.unir, name="unir"),
    path("duplicados/distinguir/", views.distinguir, name="distinguir"),
    path("duplicados/reconsiderar/", views.reconsiderar, name="reconsiderar"),
    path("<int:pk>/", views.contacto, name="contacto"),
    path("<int:pk>/editar/", views.editar, name="editar"),
]
