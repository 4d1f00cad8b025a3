"""Addresses of this tab."""

from django.urls import path

from agenda import views

app_name = "agenda"
urlpatterns = [path("", views.agenda, name="agenda")]
