"""One answer: route, recall, plan or draft, verify, repair, deliberate, remember. A stream of events."""

from kiki_core.pipeline.question import MOST_QUESTION, Parts, Question, read_attached, validate
from kiki_core.pipeline.steps import ask

__all__ = ["MOST_QUESTION", "Parts", "Question", "ask", "read_attached", "validate"]
