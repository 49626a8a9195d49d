"""Paths of pairs, relative to the tenant."""

from django.urls import path

from apps.kv.api import views

urlpatterns = [
    path("kv", views.AllPairsView.as_view()),
    path("namespaces/<str:namespace>/kv", views.PairsView.as_view()),
    path("namespaces/<str:namespace>/kv/inheritance", views.InheritedPairsView.as_view()),
    path("namespaces/<str:namespace>/kv/<str:key>", views.PairView.as_view()),
]
