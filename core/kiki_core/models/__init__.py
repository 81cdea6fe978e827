"""Weights: which there are, where they lie, and how they come."""

from kiki_core.models.registry import MODELS, Weights, WeightsFile
from kiki_core.models.store import path_of, present

__all__ = ["MODELS", "Weights", "WeightsFile", "path_of", "present"]
