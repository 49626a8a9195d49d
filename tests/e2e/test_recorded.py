"""A running product against what a real Kestra did: flow cases, expressions, the REST API, and the seed flows beyond them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract import seed_flows
from tests.contract.conformance import check_api, check_flows
from tests.product import Product, running

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("recorded"), pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """One of its own, because the cases look at lists of everything."""
    with running(PENSTOCK_WORKER_THREADS="16") as product:
        yield product


def test_the_api_answers_as_recorded(shared: Path, product: Product) -> None:
    assert check_api(shared, product.url, product.username, product.password) == 0


def test_flows_and_expressions_do_what_they_did(shared: Path, product: Product) -> None:
    assert check_flows(shared, product.url, product.username, product.password, "", "8") == 0


def test_the_other_seed_flows_have_their_effect(shared: Path, product: Product) -> None:
    outcomes = seed_flows.beyond_recorded(shared, seed_flows.Server(product.url, product.username, product.password))
    assert [(outcome.file, outcome.effect) for outcome in outcomes if not outcome.right] == []
