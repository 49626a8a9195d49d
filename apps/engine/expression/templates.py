"""Compiled templates, their cache, and the entry points that render them."""

import threading
from typing import Any

from apps.engine.expression import unparse
from apps.engine.expression.budget import MAX_RENDERS, MAX_RESULT, MAX_SOURCE, Budget, too_long
from apps.engine.expression.errors import ExpressionError, Fault, OverBudget, excerpt, locate, unforeseen
from apps.engine.expression.nodes import Body, Print
from apps.engine.expression.printing import printed
from apps.engine.expression.scope import Frame, Scope
from apps.engine.expression.statements import Emit, compile_template_body
from apps.engine.expression.tags import parse
from apps.engine.expression.values import Value

CACHED = 4096
CACHED_SIZE = 8 * 1024 * 1024
"""Characters of source; a compiled template takes some forty times as many bytes."""
_lock = threading.Lock()
FALSE_TEXTS = frozenset({"", "false", "0", "-0"})


class Template:
    """One source, parsed and compiled; safe to share between threads."""

    __slots__ = ("body", "cells", "emit", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.body: Body = parse(source)
        self.emit: Emit
        self.emit, self.cells = compile_template_body(self.body)

    def render(self, scope: Scope) -> str:
        """The text of the template for a scope."""
        return self.run(scope, Budget())

    def run(self, scope: Scope, budget: Budget) -> str:
        """Renders under a budget that may already be spent in part."""
        out: list[str] = []
        try:
            self.emit(Frame(scope, budget, self.cells, rerender), out)
            text = out[0] if len(out) == 1 else _joined(out)
        except Fault as fault:
            raise locate(fault, self.source) from fault.__cause__
        except RecursionError:
            raise locate(OverBudget("The expression nests too deeply"), self.source) from None
        except Exception as error:
            raise locate(unforeseen(error), self.source) from error
        if len(text) > MAX_RESULT:
            raise locate(too_long(len(text)), self.source)
        return text

    def __str__(self) -> str:
        """The source, written back from the syntax tree."""
        return unparse.template(self.body)

    @property
    def single(self) -> bool:
        """Whether it is one printed expression and nothing else."""
        return len(self.body) == 1 and isinstance(self.body[0], Print)


def _joined(out: list[str]) -> str:
    size = sum(map(len, out))
    if size > MAX_RESULT:
        raise too_long(size)
    return "".join(out)


class _Cache(dict[str, Template]):
    """Templates by source, the oldest leaving when there are too many or their sources are too long together."""

    size = 0

    def keep(self, template: Template) -> None:
        while self and (len(self) >= CACHED or self.size + len(template.source) > CACHED_SIZE):
            oldest = next(iter(self), None)
            if oldest is None or self.pop(oldest, None) is None:
                break
            self.size -= len(oldest)
        self[template.source] = template
        self.size += len(template.source)


_cache = _Cache()


def compile_template(source: str) -> Template:
    """The template of a source, compiled once; an ExpressionError tells what cannot be read."""
    template = _cache.get(source)
    if template is None:
        template = _compiled(source)
        with _lock:
            if source not in _cache:
                _cache.keep(template)
    return template


def _compiled(source: str) -> Template:
    try:
        return Template(source)
    except Fault as fault:
        raise locate(fault, excerpt(source) if len(source) > MAX_SOURCE else source) from None
    except RecursionError:
        raise ExpressionError("The expression nests too deeply", excerpt(source)) from None
    except Exception as error:
        raise locate(unforeseen(error), excerpt(source)) from error


def render(source: str, scope: Scope) -> str:
    """The text of a source; one without delimiters is its own text."""
    if "{" not in source:
        return source
    template = _cache.get(source) or compile_template(source)
    return template.run(scope, Budget())


def render_value(value: Any, scope: Scope) -> Any:
    """`value` with every text in it rendered, keys of maps too; anything else stays as it is."""
    if isinstance(value, str):
        return render(value, scope)
    if isinstance(value, dict):
        return {render_value(key, scope): render_value(item, scope) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [render_value(item, scope) for item in value]
    return value


def rerender(value: Value, f: Frame, recursive: bool) -> Value:
    """What `render()` and `renderOnce()` do, inside the budget of the rendering that called them."""
    f.budget.step()
    if isinstance(value, str):
        return _rerender_text(value, f, recursive)
    if not isinstance(value, dict | list | tuple):
        return value
    f.budget.items(len(value))
    f.budget.enter()
    try:
        if isinstance(value, dict):
            return {rerender(key, f, recursive): rerender(item, f, recursive) for key, item in value.items()}
        return [rerender(item, f, recursive) for item in value]
    finally:
        f.budget.leave()


def _rerender_text(text: str, f: Frame, recursive: bool) -> str:
    budget = f.budget
    for _ in range(MAX_RENDERS):
        if "{" not in text:
            return text
        before, text = text, _nested(text, f)
        budget.allocate(len(text))
        if not recursive or text == before:
            return text
    raise Fault(f"render() still found expressions after {MAX_RENDERS} turns", "Use renderOnce() where a text renders to itself.")


def _nested(text: str, f: Frame) -> str:
    f.budget.renders += 1
    f.budget.step(1 + len(text) // 16)
    if f.budget.renders > MAX_RENDERS:
        raise OverBudget(f"render() is nested more than {MAX_RENDERS} deep")
    try:
        return compile_template(text).run(f.scope, f.budget)
    except ExpressionError as error:
        raise Fault(f"{error.message}, inside `{excerpt(text)}`", error.hint) from error
    finally:
        f.budget.renders -= 1


def truthy(text: Any) -> bool:
    """Kestra's rule for conditions: only null, '', 'false', '0' and '-0' are false."""
    return text is not None and printed(text) not in FALSE_TEXTS


def evaluate_condition(source: str, scope: Scope) -> bool:
    """The truth of what a condition renders to."""
    return truthy(render(source, scope))
