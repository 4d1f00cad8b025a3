"""Addresses of this tab."""

from django.urls import path

from historial import views

app_name = "historial"
urlpatterns = [path("", views.historial, name="historial")]
