"""Paths of namespaces and their files, relative to the tenant."""

from django.urls import path

from apps.namespaces.api import file_views, views

urlpatterns = [
    path("namespaces", views.NamespacesView.as_view()),
    path("namespaces/search", views.NamespaceSearchView.as_view()),
    path("namespaces/autocomplete", views.NamespaceAutocompleteView.as_view()),
    path("namespaces/<str:namespace>", views.NamespaceView.as_view()),
    path("namespaces/<str:namespace>/inherited-variables", views.InheritedVariablesView.as_view()),
    path("namespaces/<str:namespace>/files", file_views.FileView.as_view()),
    path("namespaces/<str:namespace>/files/directory", file_views.FolderView.as_view()),
    path("namespaces/<str:namespace>/files/stats", file_views.FileStatsView.as_view()),
    path("namespaces/<str:namespace>/files/search", file_views.FileSearchView.as_view()),
    path("namespaces/<str:namespace>/files/revisions", file_views.FileRevisionsView.as_view()),
    path("namespaces/<str:namespace>/files/export", file_views.FileExportView.as_view()),
]
