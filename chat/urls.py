"""Addresses of the chat."""

from django.urls import path

from chat import views

app_name = "chat"
urlpatterns = [
    path("", views.chat, name="chat"),
    path("empezar/", views.empezar, name="empezar"),
    path("mensaje/", views.mensaje, name="mensaje"),
    path("anteriores/", views.anteriores, name="anteriores"),
    path("aviso/", views.aviso, name="aviso"),
    path("presente/", views.presente, name="presente"),
    path("devolver/<int:pk>/", views.devolver, name="devolver"),
    path("<int:pk>/", views.conversacion, name="conversacion"),
    path("<int:pk>/lineas/", views.lineas, name="lineas"),
    path("<int:pk>/escribir/", views.escribir, name="escribir"),
    path("<int:pk>/escribiendo/", views.escribiendo, name="escribiendo"),
    path("<int:pk>/leido/", views.leido, name="leido"),
    path("<int:pk>/terminar/", views.terminar, name="terminar"),
    path("<int:pk>/valorar/", views.valorar, name="valorar"),
    path("<int:pk>/llamadme/", views.llamadme, name="llamadme"),
    path("<int:pk>/descargar/", views.descargar, name="descargar"),
    path("<int:pk>/tomar/", views.tomar, name="tomar"),
    path("<int:pk>/rechazar/", views.rechazar, name="rechazar"),
    path("<int:pk>/anotar/", views.anotar, name="anotar"),
    path("<int:pk>/pasar/", views.pasar, name="pasar"),
    path("<int:pk>/cerrar/", views.cerrar, name="cerrar"),
]
