"""Every recorded expression prints what a real Kestra printed, less the agreed deviations."""

from typing import Any

import pytest

from tests.engine.expression import golden

pytestmark = pytest.mark.skipif(not golden.CORPUS.exists(), reason="the recorded corpus is not beside this checkout")
CASES = golden.cases() if golden.CORPUS.exists() else []
AGREED = golden.deviations() if golden.CORPUS.exists() else {}


@pytest.mark.parametrize(("key", "source", "context", "recorded"), CASES, ids=[case[0] for case in CASES])
def test_prints_what_was_recorded(key: str, source: str, context: dict[str, Any], recorded: Any) -> None:
    wanted = golden.expected(recorded, AGREED.get(key))
    got = golden.printed(key, source, context)
    assert got == wanted if wanted is not None else got is not None


def test_deviations_are_a_handful() -> None:
    assert len([key for key in AGREED if key in {case[0] for case in CASES}]) <= 12
