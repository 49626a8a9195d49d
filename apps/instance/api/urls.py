"""URLs of the instance, from the host's root."""

from django.urls import path, re_path

from apps.instance.api.views import ConfigView, LoginConfigView, SetupView, api_page, ping, to_ui, ui_page

urlpatterns = [
    path("", to_ui, name="root"),
    path("ping", ping, name="ping"),
    path("api", api_page, name="api"),
    path("api/v1/configs", ConfigView.as_view(), name="configs"),
    path("api/v1/<str:tenant>/configs", ConfigView.as_view(), name="tenant-configs"),
    path("api/v1/configs/login", LoginConfigView.as_view(), name="configs-login"),
    path("api/v1/setup", SetupView.as_view(), name="setup"),
    re_path(r"^ui(/.*)?$", ui_page, name="ui"),
]
