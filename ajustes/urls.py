"""Addresses of Ajustes and Información."""

from django.urls import path

from ajustes.views import (
    ajustes,
    atajos,
    clave,
    colas,
    descargar,
    informacion,
    seguridad,
    sesiones,
    telefonos,
)

app_name = "ajustes"
urlpatterns = [
    path("ajustes/", ajustes.ajustes, name="ajustes"),
    path("ajustes/atajos/", atajos.atajos, name="atajos"),
    path("ajustes/clave/", clave.clave, name="clave"),
    path("ajustes/descargar/", descargar.descargar, name="descargar"),
    path("ajustes/seguridad/", seguridad.seguridad, name="seguridad"),
    path("ajustes/seguridad/entradas/", seguridad.entradas, name="entradas"),
    path("ajustes/seguridad/sesiones/cerrar/", sesiones.cerrar_otras, name="cerrar_otras"),
    path("ajustes/seguridad/sesiones/<int:pk>/cerrar/", sesiones.cerrar, name="cerrar"),
    path("informacion/", informacion.informacion, name="informacion"),
    path("informacion/tarjeta/", informacion.tarjeta, name="tarjeta"),
    path("informacion/telefonos/salir/", telefonos.salir_de_telefono, name="salir_de_telefono"),
    path("informacion/colas/pausar/", colas.pausar, name="pausar"),
    path("informacion/colas/reanudar/", colas.reanudar, name="reanudar"),
    path("informacion/colas/entrar/", colas.entrar_en_cola, name="entrar_en_cola"),
    path("informacion/colas/salir/", colas.salir_de_cola, name="salir_de_cola"),
]
