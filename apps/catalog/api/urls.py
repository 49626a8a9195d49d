"""Addresses of the catalog, relative to the tenant's root."""

from django.urls import path

from apps.catalog.api import views

urlpatterns = [
    path("plugins", views.Groups.as_view()),
    path("plugins/groups/subgroups", views.Subgroups.as_view()),
    path("plugins/icons", views.Icons.as_view()),
    path("plugins/icons/groups", views.GroupIcons.as_view()),
    path("plugins/icons/<str:cls>", views.TypeIcon.as_view()),
    path("plugins/icons/<str:cls>/icon.svg", views.TypeSvg.as_view()),
    path("plugins/inputs", views.InputTypes.as_view()),
    path("plugins/inputs/<str:name>", views.InputDocumentation.as_view()),
    path("plugins/schemas/<str:kind>", views.JsonSchema.as_view()),
    path("plugins/properties/<str:kind>", views.SchemaProperties.as_view()),
    path("plugins/triggers", views.Triggers.as_view()),
    path("plugins/<str:cls>", views.TypeDocumentation.as_view()),
    path("plugins/<str:cls>/versions", views.TypeVersions.as_view()),
    path("plugins/<str:cls>/versions/<str:version>", views.TypeVersion.as_view()),
]
