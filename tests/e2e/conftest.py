"""One running product for all tests that use it as its users do."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product import ROOT, Product, running


@pytest.fixture(scope="session")
def penstock_server() -> Iterator[Product]:
    """Has `.url`, `.username`, `.password`; or a server that runs already, named by PENSTOCK_E2E_URL, _USERNAME and _PASSWORD."""
    url = os.environ.get("PENSTOCK_E2E_URL")
    if url:
        product = Product(Path("/tmp"), port=int(url.rsplit(":", 1)[1].strip("/")))
        product.username, product.password = os.environ["PENSTOCK_E2E_USERNAME"], os.environ["PENSTOCK_E2E_PASSWORD"]
        yield product
        return
    with running() as product:
        yield product


@pytest.fixture(scope="session")
def shared() -> Path:
    """The recorded truth beside the checkout; tests that need it are skipped where it is not."""
    folder = ROOT.parent / "shared"
    if not (folder / "conformance").is_dir():
        pytest.skip("there is no ../shared beside this checkout")
    return folder
