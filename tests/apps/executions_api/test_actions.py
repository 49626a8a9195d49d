"""What users do to one execution and to many."""

import pytest

pytestmark = pytest.mark.db


def state(api, execution_id: str) -> str:
    return api.get(f"/executions/{execution_id}").json()["state"]["current"]


@pytest.mark.parametrize("infix", ["", "/actions"])
def test_kill_ends_what_waits_and_is_quiet_about_what_has_ended(shop, start, infix: str) -> None:
    running = start("asks")
    for _ in range(2):
        answer = shop.call("DELETE", f"/executions/{running}{infix}/kill")
        assert (answer.status_code, answer.content) == (202, b"")
    assert state(shop, running) == "KILLED"
    assert shop.call("DELETE", f"/executions/nothing{infix}/kill").status_code == 404


def test_resume_takes_the_inputs_of_the_pause(shop, start) -> None:
    paused = start("asks")
    checked = shop.form(f"/executions/{paused}/resume/validate", {"n": "x"}).json()
    assert [bool(one["errors"]) for one in checked["inputs"]] == [True]
    assert shop.form(f"/executions/{paused}/resume", {"n": "x"}).status_code == 422
    assert state(shop, paused) == "PAUSED"
    assert shop.form(f"/executions/{paused}/resume", {"n": "7"}).status_code == 204
    found = shop.get(f"/executions/{paused}").json()
    assert found["state"]["current"] == "SUCCESS"
    answer = shop.form(f"/executions/{paused}/resume", {"n": "7"})
    assert (answer.status_code, answer.json()["message"]) == (409, f"Illegal state: Execution '{paused}' is not paused, can't resume it")


@pytest.mark.parametrize(
    ("action", "params", "status", "message"),
    [
        ("restart", {}, 422, "Illegal argument: No task found to restart execution from!"),
        ("replay", {"taskRunId": "zzz"}, 422, "Illegal argument: No task found to restart execution from!"),
        ("pause", {}, 422, "Illegal argument: The execution is not running"),
        ("force-run", {}, 422, "Illegal argument: Only non terminated executions can be forced run."),
        ("unqueue", {}, 422, "Illegal argument: Only QUEUED execution can be unqueued"),
        ("change-status", {}, 400, "Bad Request: Required QueryValue [status] not specified"),
        ("change-status", {"status": "NONSENSE"}, 422, "Internal server error: Failed to convert argument [status]"),
    ],
)
def test_an_action_that_does_not_fit_is_refused(shop, start, action: str, params, status: int, message: str) -> None:
    ended = start("ends")
    before = shop.get(f"/executions/{ended}").json()
    answer = shop.call("POST", f"/executions/{ended}/{action}", params=params)
    assert (answer.status_code, answer.json()["message"][: len(message)]) == (status, message)
    assert shop.get(f"/executions/{ended}").json() == before
    assert shop.call("POST", f"/executions/nothing/{action}", params=params).status_code == 404


def test_replay_is_a_new_execution_of_the_same_line(shop, start) -> None:
    first = start("ends")
    found = shop.call("POST", f"/executions/{first}/replay").json()
    assert (found["parentId"], found["originalId"]) == (first, first)
    assert found["id"] != first


def test_change_status_and_labels_of_one_that_has_ended(shop, start) -> None:
    ended, paused = start("ends"), start("asks")
    changed = shop.call("POST", f"/executions/{ended}/change-status", params={"status": "warning"}).json()
    assert changed["state"]["current"] == "WARNING"
    labelled = shop.json("POST", f"/executions/{ended}/labels", [{"key": "extra", "value": "one"}]).json()
    assert {label["key"] for label in labelled["labels"]} == {"team", "extra", "system.correlationId"}
    assert shop.json("POST", f"/executions/{paused}/labels", [{"key": "a", "value": "b"}]).status_code == 400
    assert shop.json("POST", f"/executions/{ended}/labels", {"a": "b"}).status_code == 422
    assert shop.json("POST", f"/executions/{ended}/labels", [{"key": "a"}]).status_code == 422


def test_delete_once(shop, start) -> None:
    ended = start("ends")
    assert shop.call("DELETE", f"/executions/{ended}").status_code == 204
    assert shop.call("DELETE", f"/executions/{ended}").status_code == 404
    assert shop.get(f"/executions/{ended}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "params", "flow_id", "after"),
    [
        ("DELETE", "kill", {}, "asks", "KILLED"),
        ("POST", "change-status", {"newStatus": "FAILED"}, "ends", "FAILED"),
        ("POST", "replay", {}, "ends", "SUCCESS"),
    ],
)
def test_bulk_acts_on_all_or_on_none(shop, start, method: str, path: str, params, flow_id: str, after: str) -> None:
    one, two = start(flow_id), start(flow_id)
    refused = shop.json(method, f"/executions/{path}/by-ids", [one, "zzz"], params=params)
    assert refused.status_code == 400
    assert [(entry["invalidValue"], entry["message"]) for entry in refused.json()["invalids"]] == [("zzz", "execution not found")]
    assert state(shop, one) == ("PAUSED" if flow_id == "asks" else "SUCCESS")
    assert shop.json(method, f"/executions/{path}/by-ids", [one, one, two], params=params).json() == {"count": 2}
    assert state(shop, two) == after


def test_bulk_by_query_and_its_refusals(shop, start) -> None:
    paused, ended = start("asks"), start("ends")
    assert shop.call("DELETE", "/executions/kill/by-query", params={"namespace": "shop"}).status_code == 400
    assert shop.call("DELETE", "/executions/kill/by-query", params={"state": "PAUSED"}).json() == {"count": 1}
    assert state(shop, paused) == "KILLED"
    labels = [{"key": "q", "value": "three"}]
    assert shop.json("POST", "/executions/labels/by-query", labels, params={"flowId": "ends"}).json() == {"count": 1}
    body = {"executionsId": [ended], "executionLabels": labels}
    assert shop.json("POST", "/executions/labels/by-ids", body).json() == {"count": 1}
    assert shop.call("DELETE", "/executions/by-query", params={"filters[state][EQUALS]": "KILLED"}).json() == {"count": 1}
    assert shop.get("/executions/search").json()["total"] == 1
    assert shop.call("POST", "/executions/restart/by-query", params={"namespace": "none"}).json() == {"count": 0}


def test_delete_of_one_that_runs_only_on_demand(shop, start) -> None:
    paused = start("asks")
    assert shop.json("DELETE", "/executions/by-ids", [paused]).status_code == 400
    assert shop.json("DELETE", "/executions/by-ids", [paused], params={"includeNonTerminated": "true"}).json() == {"count": 1}


@pytest.mark.parametrize("body", [{"a": 1}, [1], None])
def test_a_body_that_is_no_list_of_ids_is_422(shop, body) -> None:
    assert shop.json("POST", "/executions/restart/by-ids", body).status_code == 422


def test_every_action_leaves_an_audit_row(shop, start, tenant) -> None:
    from apps.audit.models import AuditRow
    from apps.common.database import tenant_scope

    paused = start("asks")
    shop.call("DELETE", f"/executions/{paused}/kill")
    with tenant_scope(tenant):
        rows = AuditRow.objects.filter(resource="EXECUTION", detail__id=paused).order_by("seq")
        assert [(row.type, row.detail.get("action")) for row in rows] == [("CREATE", None), ("UPDATE", "KILL")]
