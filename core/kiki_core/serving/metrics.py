"""What `/metrics` tells Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from kiki_core.serving.slots import Slots

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 20, 60, 120, 300)
_VERDICTS = {True: "true", False: "false", None: "null"}


class Metrics:
    """Counters of one server. Labels come from fixed sets, so that no client can make them grow."""

    def __init__(self, slots: Slots) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter("kiki_requests", "Requests answered.", ("path", "status"), registry=self._registry)
        self._seconds = Histogram(
            "kiki_request_seconds", "Time of a request.", ("path",), buckets=_SECONDS, registry=self._registry
        )
        self._first = Histogram(
            "kiki_first_token_seconds", "Time to the first token, with the wait for a slot.", ("model",),
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._tokens = Counter("kiki_tokens", "Tokens read and written.", ("kind", "model"), registry=self._registry)
        self._answers = Counter("kiki_answers", "Answers of the pipeline.", ("verified",), registry=self._registry)
        self._stopped = Counter("kiki_stopped", "Answers stopped as their client left.", registry=self._registry)
        running = Gauge("kiki_answers_running", "Answers being made.", registry=self._registry)
        running.set_function(lambda: slots.running)
        waiting = Gauge("kiki_requests_waiting", "Requests that wait for a slot.", registry=self._registry)
        waiting.set_function(lambda: slots.waiting)

    def request(self, path: str, status: int, seconds: float) -> None:
        """Notes a request that was answered."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def first_token(self, model: str, seconds: float) -> None:
        """Notes how long the first token took."""
        self._first.labels(model).observe(seconds)

    def tokens(self, model: str, prompt: int, completion: int) -> None:
        """Notes what an answer used."""
        self._tokens.labels("prompt", model).inc(prompt)
        self._tokens.labels("completion", model).inc(completion)

    def answer(self, verified: bool | None) -> None:
        """Notes an answer of the pipeline."""
        self._answers.labels(_VERDICTS[verified]).inc()

    def stopped(self) -> None:
        """Notes that a client left before its answer was whole."""
        self._stopped.inc()

    def text(self) -> bytes:
        """All of it, in Prometheus' format."""
        return generate_latest(self._registry)
