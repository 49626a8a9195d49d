"""Templates: their lists, and the tasks that they give to the flows that name them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from apps.engine.flow.flowables import INSERTED, INSERTED_ERRORS, PROBLEM, Template
from apps.engine.flow.walk import RawTask, walk_task, walk_tasks
from apps.flows.models import FlowRow, TemplateRow
from apps.flows.selectors.conditions import allowed, ordered, within
from config.environment import environment

DEEPEST = 10
"""How many templates may lie in each other."""


def search_templates(q: str, namespace: str, visible: list[str] | None, order: Iterable[str] = ()) -> QuerySet[TemplateRow]:
    """The templates whose names or description hold every word."""
    found = allowed("namespace", visible)
    if namespace:
        found &= within("namespace", namespace)
    for word in q.split():
        found &= Q(id__icontains=word) | Q(namespace__icontains=word) | Q(description__icontains=word)
    return ordered(TemplateRow.objects.filter(found), list(order), ("namespace", "id"))


def find_template(namespace: str, template_id: str) -> TemplateRow | None:
    """One template."""
    found: TemplateRow | None = TemplateRow.objects.filter(namespace=namespace, id=template_id).first()
    return found


def template_namespaces(visible: list[str] | None) -> list[str]:
    """The namespaces that templates live in."""
    rows = TemplateRow.objects.filter(allowed("namespace", visible))
    return list(rows.order_by("namespace").values_list("namespace", flat=True).distinct())


def flows_with_templates() -> QuerySet[FlowRow]:
    """The flows that name a template anywhere."""
    named = Q()
    for name in Template.type_names:
        named |= Q(types__contains=[name])
    rows: QuerySet[FlowRow] = FlowRow.objects.filter(named, deleted=False)
    return rows


def insert_templates(document: dict[str, Any]) -> None:
    """Writes into each Template task of a compiled flow the tasks of its template, or why there are none."""
    taken = {str(task.data.get("id")) for task in walk_tasks(document)}
    for task in [found for found in walk_tasks(document) if found.model is Template]:
        _insert(task.data, taken, ())


def _insert(task: dict[str, Any], taken: set[str], above: tuple[tuple[str, str], ...]) -> None:
    place = (str(task.get("namespace")), str(task.get("templateId")))
    row = find_template(*place) if environment().templates_enabled and place not in above else None
    problem = _problem(place, row, taken, above)
    if problem or row is None:
        task[PROBLEM] = problem
        return
    template = row.fields
    task[INSERTED] = template["tasks"]
    task[INSERTED_ERRORS] = template.get("errors", [])
    inserted = _tasks_of(template)
    taken.update(str(each.data.get("id")) for each in inserted)
    for each in inserted:
        if each.model is Template:
            _insert(each.data, taken, (*above, place))


def _problem(place: tuple[str, str], row: TemplateRow | None, taken: set[str], above: tuple[tuple[str, str], ...]) -> str:
    name = f"'{place[0]}.{place[1]}'"
    if not environment().templates_enabled:
        return "Templates are disabled, please check your configuration: `kestra.templates.enabled`, then save the flow again."
    if place in above or len(above) >= DEEPEST:
        return f"Template {name} contains itself, or lies deeper than {DEEPEST} templates in each other."
    if row is None:
        return f"Can't find flow template {name}; create it, and executions that start from then on will find it."
    same = sorted(str(each.data.get("id")) for each in _tasks_of(row.fields) if str(each.data.get("id")) in taken)
    if same:
        return f"Template {name} has tasks that the flow has as well: {', '.join(same)}; task ids are unique in a flow, so rename them."
    return ""


def _tasks_of(template: dict[str, Any]) -> list[RawTask]:
    return [found for name in ("tasks", "errors") for task in template.get(name, []) for found in walk_task(task)]
