"""The pictures of types: one line drawing a group, in the colour of the text around it."""

from base64 import b64encode

SHAPES: dict[str, str] = {
    "flow": "M6 3v6m0 6v6m0-12a3 3 0 1 0 0 6m0-6a3 3 0 1 1 0 6m12-9v3a3 3 0 0 1-3 3H9M18 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
    "trigger": "M13 2 5 14h6l-1 8 8-12h-6z",
    "condition": "M12 3 3 12l9 9 9-9zM9.5 10a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .7-1 1.4M12 16.5v.1",
    "http": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
    "log": "M5 4h14v16H5zM8 8h8M8 12h8M8 16h5",
    "debug": "M9 9h6v7a3 3 0 0 1-6 0zM10 9a2 2 0 0 1 4 0M5 12h4m6 0h4M6 19l3-3m9 3-3-3M6 7l3 2m9-2-3 2",
    "kv": "M8 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 12h9m-3 0v4m-3-4v3",
    "storage": "M4 6c0-4 16-4 16 0v12c0 4-16 4-16 0zM4 6c0 4 16 4 16 0M4 12c0 4 16 4 16 0",
    "state": "M4 12a8 8 0 1 1 8 8M12 8v5l3 2M4 12l-2-2m2 2 2-2",
    "namespace": "M3 6h7l2 3h9v10H3z",
    "execution": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M10 8l6 4-6 4z",
    "output": "M4 4h9v16H4zM10 12h10m-4-4 4 4-4 4",
    "metric": "M4 20V4M4 20h16M8 16v-4m4 4V8m4 8v-6",
    "runner": "M6 6h12v12H6zM9 2v4m6-4v4M9 18v4m6-4v4M2 9h4m-4 6h4m12-6h4m-4 6h4",
    "templating": "M9 4H7a2 2 0 0 0-2 2v4l-2 2 2 2v4a2 2 0 0 0 2 2h2m6-16h2a2 2 0 0 1 2 2v4l2 2-2 2v4a2 2 0 0 1-2 2h-2",
    "shell": "M4 5h16v14H4zM7 9l3 3-3 3m5 0h5",
    "script": "m8 8-4 4 4 4m8-8 4 4-4 4M13 6l-2 12",
}
FALLBACK = "M12 3 4 7v10l8 4 8-4V7zM4 7l8 4 8-4M12 11v10"


def svg(group: str) -> str:
    """The drawing of a group such as `io.kestra.plugin.core.http`."""
    last = group.rpartition(".")[2]
    shape = SHAPES.get(last) or (SHAPES["script"] if ".scripts" in group else FALLBACK)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" '
        f'stroke-linecap="round" stroke-linejoin="round"><path d="{shape}"/></svg>'
    )


def icon(name: str, group: str, *, flowable: bool = False) -> dict[str, object]:
    """The drawing as the API carries it."""
    return {"name": name, "icon": b64encode(svg(group).encode()).decode(), "flowable": flowable, "monochrome": True}
