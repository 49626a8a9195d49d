"""Tasks over stored files: split, join, filter, deduplicate, reverse, and the hidden ends of ForEachItem."""

from typing import Any

import pytest

from apps.engine.state import State
from tests.workers.fake_gateway import FakeGateway

STORAGE = "io.kestra.plugin.core.storage."
FLOW = "io.kestra.plugin.core.flow."
ITEMS = "kestra:///in/items.upl"


@pytest.fixture
def items(gateway: FakeGateway) -> dict[str, bytes]:
    gateway.files[ITEMS] = b"row1\nrow2\nrow3\nrow4\nrow5\n"
    return gateway.files


@pytest.mark.parametrize(
    ("how", "parts"),
    [
        ({"rows": 2}, [b"row1\nrow2\n", b"row3\nrow4\n", b"row5\n"]),
        ({"partitions": 2}, [b"row1\nrow3\nrow5\n", b"row2\nrow4\n"]),
        ({"partitions": 9}, [b"row1\n", b"row2\n", b"row3\n", b"row4\n", b"row5\n"]),
        ({"bytes": "10"}, [b"row1\nrow2\n", b"row3\nrow4\n", b"row5\n"]),
        ({"bytes": "10KB", "rows": 1}, [b"row1\nrow2\nrow3\nrow4\nrow5\n"]),
        ({"rows": 1, "separator": "3"}, [b"row13", b"row23", b"row33", b"row43", b"row53"]),
        ({"rows": "{{ 1 + 3 }}"}, [b"row1\nrow2\nrow3\nrow4\n", b"row5\n"]),
    ],
)
def test_split(run: Any, items: dict[str, bytes], how: dict[str, Any], parts: list[bytes]) -> None:
    uris = run({"type": STORAGE + "Split", "from": ITEMS, **how}).outputs["uris"]
    assert [items[uri] for uri in uris] == parts
    assert all(uri.endswith(".upl") for uri in uris)


@pytest.mark.parametrize("how", [{}, {"bytes": "10B"}, {"bytes": "much"}, {"rows": 0}])
def test_split_refuses_what_it_cannot_do(run: Any, items: dict[str, bytes], how: dict[str, Any]) -> None:
    assert run({"type": STORAGE + "Split", "from": ITEMS, **how}).state is State.FAILED


def test_deduplicate_keeps_the_last_of_each_key(run: Any, items: dict[str, bytes]) -> None:
    items[ITEMS] = b'{"k":1,"v":"a"}\n{k:2,v:"b"}\n{"k":1,"v":"c"}\n{"k":1,"v":"a"}\n'
    outputs = run({"type": STORAGE + "DeduplicateItems", "from": ITEMS, "expr": "{{ k }}"}).outputs
    assert items[outputs["uri"]] == b'{k:2,v:"b"}\n{"k":1,"v":"a"}\n'
    assert (outputs["numKeys"], outputs["droppedItemsTotal"], outputs["processedItemsTotal"]) == (2, 2, 4)
    assert run({"type": STORAGE + "DeduplicateItems", "from": ITEMS, "expr": "{{ missing }}"}).state is State.FAILED


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        ({"filterCondition": "{{ n > 1 }}"}, [2, 3]),
        ({"filterCondition": "{{ name == 'b' }}", "filterType": "EXCLUDE", "errorOrNullBehavior": "INCLUDE"}, [1, 3]),
        ({"filterCondition": "{{ nosuch == 1 }}", "errorOrNullBehavior": "INCLUDE"}, [1, 2, 3]),
        ({"filterCondition": "{{ nosuch == 1 }}", "errorOrNullBehavior": "EXCLUDE"}, []),
        ({"filterCondition": "{{ nosuch == 1 }}"}, None),
        ({"filterCondition": "maybe"}, None),
    ],
)
def test_filter(run: Any, items: dict[str, bytes], how: dict[str, Any], kept: list[int] | None) -> None:
    rows = {1: b'{"n":1,"name":"a"}\n', 2: b'{"n":2,"name":"b"}\n', 3: b'{"n":3}\n'}
    items[ITEMS] = b"".join(rows.values())
    result = run({"type": STORAGE + "FilterItems", "from": ITEMS, **how})
    if kept is None:
        assert result.state is State.FAILED
    else:
        assert items[result.outputs["uri"]] == b"".join(rows[number] for number in kept)
        assert result.outputs["droppedItemsTotal"] == 3 - len(kept)


def test_concat_reverse_size_write_and_delete(run: Any, items: dict[str, bytes]) -> None:
    joined = run({"type": STORAGE + "Concat", "files": f'["{ITEMS}", "{ITEMS}"]', "separator": "--\n"}).outputs["uri"]
    assert items[joined] == items[ITEMS] + b"--\n" + items[ITEMS]
    assert items[run({"type": STORAGE + "Reverse", "from": ITEMS}).outputs["uri"]].startswith(b"row5\nrow4\n")
    assert run({"type": STORAGE + "Size", "uri": ITEMS}).outputs == {"size": 25}
    written = run({"type": STORAGE + "Write", "content": "{{ flow.id }}", "extension": ".csv"}).outputs["uri"]
    assert (items[written], written[-4:]) == (b"main", ".csv")
    assert run({"type": STORAGE + "Delete", "uri": written}).outputs == {"uri": written, "deleted": True}
    assert run({"type": STORAGE + "Delete", "uri": written}).outputs["deleted"] is False
    assert run({"type": STORAGE + "Delete", "uri": written, "errorOnMissing": True}).state is State.FAILED


def test_a_file_that_is_not_there_is_named(run: Any) -> None:
    result = run({"type": STORAGE + "Reverse", "from": "kestra:///no/such.txt"})
    assert "kestra:///no/such.txt" in (result.error or "")


def test_for_each_item_split_gives_one_address_for_all_batches(run: Any, items: dict[str, bytes]) -> None:
    outputs = run({"type": FLOW + "ForEachItem$ForEachItemSplit", "items": ITEMS, "batch": {"rows": 2}}).outputs
    batches = outputs["$batches"]
    addresses = [batches["uri"].replace("{index}", str(number)) for number in range(1, batches["count"] + 1)]
    assert [items[uri] for uri in addresses] == [b"row1\nrow2\n", b"row3\nrow4\n", b"row5\n"]
    assert items[outputs["splits"]].decode().split() == addresses


def test_for_each_item_split_of_nothing_and_of_no_file(run: Any, items: dict[str, bytes]) -> None:
    items[ITEMS] = b""
    outputs = run({"type": FLOW + "ForEachItem$ForEachItemSplit", "items": ITEMS}).outputs
    assert outputs["$batches"]["count"] == 0
    result = run({"type": FLOW + "ForEachItem$ForEachItemSplit", "items": "just text"})
    assert "not an internal storage URI" in (result.error or "")


def test_for_each_item_merge_writes_rows_in_the_order_of_the_batches(run: Any, gateway: FakeGateway) -> None:
    merge = FLOW + "ForEachItem$ForEachItemMergeOutputs"
    uri = run({"type": merge, "subflowOutputs": [{"got": "{{ line-1 }}"}, {"n": 2, "d": {"x": [True]}}]}).outputs["subflowOutputs"]
    assert gateway.files[uri] == b'{got:"{{ line-1 }}"}\n{n:2,d:{x:[true]}}\n'
    assert run({"type": merge}).outputs == {}
