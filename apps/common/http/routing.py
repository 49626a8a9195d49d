"""Finds the endpoint of a path by a table: its first segment and how many it has leave a handful of patterns out of hundreds.

Django tries one after the other and writes down each that does not fit, for a page that only `DEBUG` shows; that cost a fifth of a call.
"""

from collections.abc import Iterator, Sequence

from django.urls import URLPattern, URLResolver
from django.urls.exceptions import Resolver404
from django.urls.resolvers import ResolverMatch, RoutePattern

Child = URLPattern | URLResolver


def routed(route: str, patterns: Sequence[Child]) -> URLResolver:
    """`path(route, include(patterns))`, looked up by table."""
    return TableResolver(RoutePattern(route, is_endpoint=False), list(patterns))


class TableResolver(URLResolver):
    """Tries, in the order in which they were given, only the patterns that can fit."""

    _table: dict[tuple[str, int], list[Child]]
    _anything: list[Child]

    def __init__(self, pattern: RoutePattern, patterns: list[Child]) -> None:
        super().__init__(pattern, patterns)
        self._heads = {head for head, _ in map(shape, patterns) if head}
        self._shapes = [(shape(child), child) for child in patterns]
        self._table = {}

    def resolve(self, path: str) -> ResolverMatch:
        """The endpoint of a path, or Resolver404."""
        match = self.pattern.match(str(path))
        if not match:
            raise Resolver404({"path": path})
        rest, args, kwargs = match
        for found in self._matches(rest):
            values = {**kwargs, **found.kwargs}
            return ResolverMatch(
                found.func,
                found.args if values else args + found.args,
                values,
                found.url_name,
                found.app_names,
                found.namespaces,
                str(self.pattern) + found.route,
                captured_kwargs=found.captured_kwargs,
                extra_kwargs=found.extra_kwargs,
            )
        raise Resolver404({"path": rest})

    def _matches(self, rest: str) -> Iterator[ResolverMatch]:
        for child in self._candidates(rest):
            try:
                found = child.resolve(rest)
            except Resolver404:
                continue
            if found:
                yield found

    def _candidates(self, rest: str) -> list[Child]:
        """Patterns with that first segment, or any, and that many segments, or any number; the table only grows by what is there."""
        head, size = rest.partition("/")[0], rest.count("/")
        key = (head if head in self._heads else "", size)
        found = self._table.get(key)
        if found is None:
            found = [child for (first, count), child in self._shapes if first in ("", head) and count in (None, size)]
            if size < 32:
                self._table[key] = found
        return found


def shape(pattern: Child) -> tuple[str, int | None]:
    """The first segment of a pattern, empty when it is a variable; its number of slashes, None when that varies."""
    if not isinstance(pattern.pattern, RoutePattern):
        return "", None
    route = str(pattern.pattern)
    head = route.partition("/")[0]
    varies = isinstance(pattern, URLResolver) or "<path:" in route
    return "" if "<" in head or (varies and "/" not in route) else head, None if varies else route.count("/")
