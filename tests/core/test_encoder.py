"""The sentence encoder: what it keeps."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from kiki_core.encoder import Encoder


class Session:
    """Counts its runs; every text's vector is its tokens' sum."""

    runs = 0

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="input_ids")]

    def run(self, _: None, feeds: dict[str, Any]) -> list[Any]:
        self.runs += 1
        return [feeds["input_ids"].astype(np.float32)]


class Tokenizer:
    def encode_batch(self, texts: list[str]) -> list[Any]:
        return [SimpleNamespace(ids=[len(text), 1], attention_mask=[1, 1], type_ids=[0, 0]) for text in texts]


def test_the_same_question_is_encoded_once_and_a_caller_cant_spoil_it() -> None:
    encoder, session = Encoder(), Session()
    encoder.__dict__["_loaded"] = (session, Tokenizer())
    first = encoder.encode(["low-pass"])
    expected = first.copy()
    first[:] = 0
    assert np.array_equal(encoder.encode(["low-pass"]), expected)
    assert session.runs == 1
    assert not np.array_equal(encoder.encode(["another question"]), expected)
    assert session.runs == 2
