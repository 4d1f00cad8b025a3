"""Addresses of this tab."""

from django.urls import path

from buzon import views

app_name = "buzon"
urlpatterns = [path("", views.buzon, name="buzon")]
