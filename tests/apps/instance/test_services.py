"""The one-time set-up of the first superadmin."""

import pytest

from apps.accounts.models import User
from apps.common.exceptions import Conflict, Forbidden, Invalid
from apps.instance.services import complete_setup, initialised, new_setup_token

pytestmark = pytest.mark.db


@pytest.fixture
def nobody(database: None):
    """No superadmin, as on a first start; those of other tests come back afterwards."""
    names = list(User.objects.filter(superadmin=True).values_list("id", flat=True))
    User.objects.filter(id__in=names).update(superadmin=False)
    yield
    User.objects.filter(superadmin=True, username="first@example.com").delete()
    User.objects.filter(id__in=names).update(superadmin=True)


def test_the_token_makes_one_superadmin_and_is_void_then(nobody: None) -> None:
    token = new_setup_token()
    with pytest.raises(Forbidden):
        complete_setup(token="guessed", username="first@example.com", password="long enough")
    with pytest.raises(Invalid):
        complete_setup(token=token, username="first@example.com", password="short")
    assert complete_setup(token=token, username="first@example.com", password="long enough").superadmin
    assert initialised()
    with pytest.raises(Conflict):
        complete_setup(token=token, username="second@example.com", password="long enough")


def test_a_new_token_voids_the_one_before(nobody: None) -> None:
    old = new_setup_token()
    new_setup_token()
    with pytest.raises(Forbidden):
        complete_setup(token=old, username="first@example.com", password="long enough")
