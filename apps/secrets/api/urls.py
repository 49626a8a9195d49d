"""Paths of secrets, relative to the tenant."""

from django.urls import path

from apps.secrets.api import views

urlpatterns = [
    path("secrets", views.AllSecretsView.as_view()),
    path("namespaces/<str:namespace>/secrets", views.SecretsView.as_view()),
    path("namespaces/<str:namespace>/secrets/<str:key>", views.SecretView.as_view()),
    path("namespaces/<str:namespace>/inherited-secrets", views.InheritedSecretsView.as_view()),
]
