"""Addresses of the pages about forwarding."""

from django.urls import path

from desvios.views import (
    calendario,
    desvios,
    evento,
    exportar,
    hasta,
    importar,
    suscripciones,
    zona,
)

app_name = "desvios"
urlpatterns = [
    path("", desvios.desvios, name="desvios"),
    path("quitar/", desvios.quitar, name="quitar"),
    path("deshacer/<int:pk>/", desvios.deshacer, name="deshacer"),
    path("numeros/", desvios.numeros, name="numeros"),
    path("hasta/", hasta.hasta, name="hasta"),
    path("calendario/", calendario.calendario, name="calendario"),
    path("calendario/activar/", calendario.activar, name="activar"),
    path("calendario/nuevo/", evento.nuevo, name="nuevo"),
    path("calendario/previa/", evento.previa, name="previa"),
    path("calendario/<int:pk>/", evento.evento, name="evento"),
    path("calendario/<int:pk>/borrar/", evento.borrar, name="borrar"),
    path("calendario/zona/", zona.zona, name="zona"),
    path("calendario/importar/", importar.importar, name="importar"),
    path("calendario/importar/elegir/", importar.elegir, name="elegir"),
    path("calendario/suscripciones/", suscripciones.suscripciones, name="suscripciones"),
    path("calendario/suscripciones/<int:pk>/", suscripciones.suscripcion, name="suscripcion"),
    path(
        "calendario/suscripciones/<int:pk>/actualizar/", suscripciones.actualizar, name="actualizar"
    ),
    path("calendario/suscripciones/<int:pk>/anular/", suscripciones.anular, name="anular"),
    path("calendario/exportar/", exportar.exportar, name="exportar"),
    path("calendario/exportar/webfon.ics", exportar.descargar, name="descargar"),
    path("calendario/exportar/renovar/", exportar.renovar, name="renovar"),
    path("calendario/exportar/apagar/", exportar.apagar, name="apagar"),
    path("calendario/<str:secret>.ics", exportar.compartido, name="compartido"),
]
