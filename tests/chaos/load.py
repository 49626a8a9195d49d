"""The load: a seeded client of the API that starts, resumes and kills executions, and notes what was promised to it."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import requests

from tests.chaos.flows import NAMESPACE, STARTED, sources
from tests.product import Product

STARTS_A_SECOND = 2.5


class Client:
    """The API, as one user sees it; an answer that never came is None."""

    def __init__(self, product: Product) -> None:
        self.root = f"{product.url}/api/v1/main"
        self.session = requests.Session()
        self.session.auth = (product.username, product.password)

    def call(self, method: str, path: str, **options: object) -> requests.Response | None:
        """One call without a second try."""
        try:
            return self.session.request(method, self.root + path, timeout=10, **options)  # type: ignore[arg-type]
        except requests.RequestException:
            return None

    def start(self, flow_id: str) -> str | None:
        """The id of an execution that the server has acknowledged."""
        answer = self.call("POST", f"/executions/{NAMESPACE}/{flow_id}")
        return str(answer.json()["id"]) if answer is not None and answer.status_code == 200 else None

    def save(self, source: str) -> None:
        """Creates a flow."""
        answer = self.call("POST", "/flows", data=source.encode(), headers={"Content-Type": "application/x-yaml"})
        assert answer is not None and answer.status_code == 200, answer.text if answer is not None else "no answer"


@dataclass
class Load:
    """Runs in a thread until stopped."""

    product: Product
    seed: int
    accepted: dict[str, str] = field(default_factory=dict)
    """Flow by execution, as acknowledged."""
    unanswered: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.client = Client(self.product)
        self.random = random.Random(self.seed)
        self.later: list[tuple[float, str, str]] = []
        self.thread = threading.Thread(target=self.run, name="load", daemon=True)

    def prepare(self) -> None:
        """All flows."""
        for source in sources(self.product.directory / "ledger").values():
            self.client.save(source)

    def run(self) -> None:
        """Starts flows in random order, at a steady mean rate."""
        while not self.stopping.is_set():
            self.start(self.random.choice(STARTED))
            self.serve_due()
            self.stopping.wait(self.random.expovariate(STARTS_A_SECOND))

    def start(self, flow_id: str) -> None:
        """One execution; what shall become of it later is noted."""
        answer = self.client.call("POST", f"/executions/{NAMESPACE}/{flow_id}")
        if answer is None:
            self.unanswered[flow_id] += 1
            return
        self.statuses[answer.status_code] += 1
        if answer.status_code != 200:
            return
        execution = str(answer.json()["id"])
        self.accepted[execution] = flow_id
        if flow_id in ("paused", "killed"):
            self.later.append((time.monotonic() + self.random.uniform(0.5, 3), flow_id, execution))

    def serve_due(self) -> None:
        """Resumes and kills whose time has come; one that is not answered or refused is tried again."""
        now = time.monotonic()
        due = [entry for entry in self.later if entry[0] <= now]
        self.later = [entry for entry in self.later if entry[0] > now]
        for _, flow_id, execution in due:
            answer = self.act(flow_id, execution)
            if answer is None or answer.status_code >= 500 or (flow_id == "paused" and answer.status_code == 409):
                self.later.append((now + 1, flow_id, execution))

    def act(self, flow_id: str, execution: str) -> requests.Response | None:
        """The resume or the kill."""
        if flow_id == "paused":
            return self.client.call("POST", f"/executions/{execution}/resume")
        return self.client.call("DELETE", f"/executions/{execution}/kill")

    def stop(self) -> None:
        """No more starts."""
        self.stopping.set()
        self.thread.join(30)
