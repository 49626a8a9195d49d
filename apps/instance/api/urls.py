"""URLs of the instance, from the host's root."""

from django.urls import path, re_path
from django.views.generic import RedirectView

from apps.instance.api.views import ConfigView, LoginConfigView, SetupView, ui_page

urlpatterns = [
    path("", RedirectView.as_view(url="/ui/"), name="root"),
    path("api/v1/configs", ConfigView.as_view(), name="configs"),
    path("api/v1/configs/login", LoginConfigView.as_view(), name="configs-login"),
    path("api/v1/setup", SetupView.as_view(), name="setup"),
    re_path(r"^ui(/.*)?$", ui_page, name="ui"),
]
