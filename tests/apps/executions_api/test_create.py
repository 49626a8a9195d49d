"""Creating executions over HTTP: forms, files, labels, and what is refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

pytestmark = pytest.mark.db


def test_the_answer_is_the_execution_as_it_was_created(shop) -> None:
    found = shop.call("POST", "/executions/shop/works", content_type="").json()
    assert found["state"]["current"] == "CREATED"
    assert [entry["state"] for entry in found["state"]["histories"]] == ["CREATED"]
    assert "taskRunList" not in found and "endDate" not in found["state"]
    assert found["metadata"]["attemptNumber"] == 1 and found["originalId"] == found["id"]
    assert found["url"].endswith(f"/executions/shop/works/{found['id']}")
    assert shop.get(f"/executions/{found['id']}").json()["state"]["current"] == "RUNNING"


def test_labels_of_the_flow_come_first_and_repeat(shop) -> None:
    found = shop.form("/executions/shop/ends", {}, params={"labels": ["by:hand", "team:red", "url:http://x:1"]}).json()
    pairs = [(label["key"], label["value"]) for label in found["labels"]]
    assert pairs == [("team", "blue"), ("by", "hand"), ("team", "red"), ("url", "http://x:1"), ("system.correlationId", found["id"])]


def test_fields_are_inputs_and_a_repeated_one_is_a_list(shop) -> None:
    found = shop.form("/executions/shop/takes", {"count": "3", "many": ["a", "c"], "unknown": "x"}).json()
    assert found["inputs"] == {"count": 3, "doc": None, "many": ["a", "c"]}


@pytest.mark.parametrize("field", ["files", "doc"])
def test_a_file_is_stored_and_read_back(shop, field: str) -> None:
    upload = SimpleUploadedFile("doc" if field == "files" else "report.csv", b"line 1\nline 2\n")
    found = shop.form("/executions/shop/takes", {"count": "1", field: upload}).json()
    uri = found["inputs"]["doc"]
    path = f"/executions/{found['id']}/file"
    assert b"".join(shop.get(path, params={"path": uri}).streaming_content) == b"line 1\nline 2\n"
    assert shop.get(path + "/metas", params={"path": uri}).json() == {"size": 14}
    shown = shop.get(path + "/preview", params={"path": uri, "maxRows": 1}).json()
    assert (shown["type"], shown["content"], shown["truncated"], shown["maxLine"]) == ("TEXT", "line 1\n", True, 1)


@pytest.mark.parametrize(
    ("flow_id", "fields", "params", "status", "message"),
    [
        ("nothing", {}, {}, 404, "Not Found: Requested Flow is not found."),
        ("works", {}, {"revision": 9}, 404, "Not Found: Requested Flow is not found."),
        ("off", {}, {}, 409, "Illegal state: Requested Flow is disabled."),
        ("takes", {}, {}, 422, "Invalid entity: count: "),
        ("takes", {"count": "many"}, {}, 422, "Invalid entity: count: "),
        ("takes", {"count": "1", "doc": "text"}, {}, 422, ""),
        ("works", {}, {"labels": "nocolon"}, 422, "Unprocessable Entity: Invalid queryString parameter"),
        ("works", {}, {"labels": "system.x:y"}, 422, ""),
        ("works", {}, {"scheduleDate": "someday"}, 422, "Internal server error: Failed to convert argument [scheduleDate]"),
        ("works", {}, {"revision": "abc"}, 422, ""),
        ("works", {}, {"kind": "ODD"}, 422, ""),
    ],
)
def test_what_does_not_fit_is_refused_and_makes_nothing(shop, flow_id: str, fields, params, status: int, message: str) -> None:
    answer = shop.form(f"/executions/shop/{flow_id}", fields, params=params)
    assert answer.status_code == status, answer.content
    assert answer.json()["message"].startswith(message)
    assert shop.get("/executions/search").json()["total"] == 0


def test_json_is_415_and_names_what_is_taken(shop) -> None:
    answer = shop.json("POST", "/executions/shop/works", {})
    assert answer.status_code == 415
    assert answer.json()["message"].endswith("Allowed types: [multipart/form-data]")


def test_wait_answers_with_the_end(shop) -> None:
    found = shop.form("/executions/shop/ends", {}, params={"wait": "true"}).json()
    assert found["state"]["current"] == "SUCCESS"
    assert found["state"]["duration"].startswith("PT")


def test_a_flow_may_be_called_like_an_action(shop, start) -> None:
    found = shop.form("/executions/shop/restart", {})
    assert found.status_code == 200
    assert found.json()["flowId"] == "restart"
    assert shop.call("POST", "/executions/nowhere/restart").status_code == 404


def test_inputs_are_checked_without_an_execution(shop) -> None:
    found = shop.form("/executions/shop/takes/validate", {"count": "many"}).json()
    assert [one["input"]["id"] for one in found["inputs"]] == ["count", "doc", "many"]
    assert [bool(one["errors"]) for one in found["inputs"]] == [True, False, False]
    assert shop.get("/executions/search").json()["total"] == 0


def test_a_scheduled_execution_waits(shop) -> None:
    found = shop.form("/executions/shop/ends", {}, params={"scheduleDate": "2999-01-01T00:00:00+02:00"}).json()
    assert found["scheduleDate"] == "2998-12-31T22:00:00.000000Z"
    assert shop.get(f"/executions/{found['id']}").json()["state"]["current"] == "CREATED"


async def test_a_form_may_come_in_chunks(shop) -> None:
    import asyncio

    import orjson
    from asgiref.testing import ApplicationCommunicator

    from config.asgi import application

    body = b'--b\r\nContent-Disposition: form-data; name="count"\r\n\r\n3\r\n--b--\r\n'
    headers = {
        "authorization": shop.header,
        "content-type": "multipart/form-data; boundary=b",
        "transfer-encoding": "chunked",
        "host": "x",
    }
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": f"{shop.root}/executions/shop/takes", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "scheme": "http", "root_path": "",
    }  # fmt: skip
    call = ApplicationCommunicator(application, scope)
    await call.send_input({"type": "http.request", "body": body[:40], "more_body": True})
    await call.send_input({"type": "http.request", "body": body[40:], "more_body": False})
    start, answer = await call.receive_output(10), await call.receive_output(10)
    await asyncio.wait_for(call.wait(10), 10)
    assert start["status"] == 200, answer
    assert orjson.loads(answer["body"])["inputs"]["count"] == 3
