"""URLs of accounts, from the host's root."""

from django.urls import path

from apps.accounts.api.views import LoginView, LogoutView, MeView

urlpatterns = [
    path("api/v1/login", LoginView.as_view(), name="login"),
    path("login", LoginView.as_view(), name="login-root"),
    path("api/v1/logout", LogoutView.as_view(), name="logout"),
    path("api/v1/me", MeView.as_view(), name="me"),
]
