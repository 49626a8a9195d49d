"""Durations as Java reads them."""

from datetime import timedelta

import pytest

from apps.engine.flow.duration import BadDuration, format_duration, parse_duration

GOOD = [
    ("PT30S", 30),
    ("pt5s", 5),
    ("PT-5M", -300),
    ("-PT5M", -300),
    ("-PT-5M", 300),
    ("P1D", 86400),
    ("P1DT2H3M4S", 93784),
    ("PT1.5S", 1.5),
    ("PT0.000001S", 0.000001),
    ("PT-0.5S", -0.5),
    ("PT1,5S", 1.5),
    ("+PT1H", 3600),
    ("PT36H", 129600),
]
BAD = ["", "P", "PT", "P1M", "P1Y", "P1W", "1H", "PT1", "ten seconds", "PT1H30", "P1DT", "PT1S1M", "PT" + "9" * 30 + "S", "PT1S\n", "PT١S"]


@pytest.mark.parametrize(("text", "seconds"), GOOD)
def test_reads_what_java_reads(text, seconds):
    assert parse_duration(text).total_seconds() == pytest.approx(seconds)


@pytest.mark.parametrize("text", BAD)
def test_refuses_what_java_refuses(text):
    with pytest.raises(BadDuration, match="PT30S"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "PT0S"), (90, "PT1M30S"), (86400, "PT24H"), (0.5, "PT0.5S"), (-90, "PT-1M-30S"), (3600.25, "PT1H0.25S")]
)
def test_writes_as_java_writes(seconds, text):
    assert format_duration(timedelta(seconds=seconds)) == text
    assert parse_duration(text).total_seconds() == seconds
