"""Logging in by Basic, token and cookie, and what is refused."""

import base64

import pytest

from apps.accounts.services import create_token
from apps.common.http.permissions import SYSTEM

pytestmark = pytest.mark.db


def basic(username: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def me(api, headers: dict[str, str]):
    return api.get("/api/v1/me", absolute=True, anonymous=True, headers=headers)


def test_basic_gives_the_user_and_his_tenants(api, admin, tenant: str) -> None:
    answer = me(api, basic(admin.username, admin.password))
    assert answer.status_code == 200
    assert answer.json()["username"] == admin.username
    assert tenant in [entry["id"] for entry in answer.json()["tenants"]]


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no-colon").decode(),
        "Basic " + base64.b64encode(b"a:\xff").decode(),
        "Bearer",
        "Bearer nothing",
        "Bearer pst.",
        "Bearer " + "x" * 9000,
        "Digest a=b",
        "basic Og==",
    ],
)
def test_a_malformed_authorization_is_401(api, header: str) -> None:
    assert me(api, {"Authorization": header}).status_code == 401


def test_wrong_password_and_unknown_user_look_the_same(api, admin) -> None:
    wrong, unknown = me(api, basic(admin.username, "wrong")), me(api, basic("nobody", "wrong"))
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["message"] == unknown.json()["message"]


def test_a_token_works_until_it_is_revoked(api, admin) -> None:
    token, text = create_token(actor=SYSTEM, owner_id=admin.id, name="ci")
    assert me(api, {"Authorization": f"Bearer {text}"}).status_code == 200
    assert me(api, {"Authorization": f"Bearer {text}x"}).status_code == 401
    token.revoked_at = token.created_at
    token.save()
    assert me(api, {"Authorization": f"Bearer {text}"}).status_code == 401


def test_a_session_needs_the_csrf_token_for_writes(api, admin) -> None:
    login = api.json("POST", "/api/v1/login", {"username": admin.username, "password": admin.password}, absolute=True, anonymous=True)
    assert login.status_code == 200
    assert me(api, {}).json()["username"] == admin.username
    assert api.json("POST", "/api/v1/logout", absolute=True, anonymous=True).status_code == 403
    headers = {"X-CSRFToken": login.cookies["csrftoken"].value}
    assert api.json("POST", "/api/v1/logout", absolute=True, anonymous=True, headers=headers).status_code == 200
    assert me(api, {}).status_code == 401


def test_a_log_in_gets_a_new_session(api, admin) -> None:
    body = {"username": admin.username, "password": admin.password}
    first = api.json("POST", "/api/v1/login", body, absolute=True, anonymous=True).cookies["penstock_session"].value
    second = api.json("POST", "/api/v1/login", body, absolute=True, anonymous=True).cookies["penstock_session"].value
    assert first != second


@pytest.mark.parametrize("body", [None, [], {"username": 1, "password": "x"}, {"username": "a"}])
def test_a_log_in_without_its_fields_is_400(api, body) -> None:
    assert api.json("POST", "/api/v1/login", body, absolute=True, anonymous=True).status_code == 400


def test_a_foreign_tenant_is_a_page_that_does_not_exist(api, admin) -> None:
    absent = api.get("/api/v1/no-such-tenant/flows/search", absolute=True)
    assert absent.status_code == 404
