"""The sentence encoder: MiniLM-L6 int8 on onnxruntime, 384 dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kiki_core.errors import KikiError
from kiki_core.models.registry import ENCODER
from kiki_core.models.store import path_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CHARACTERS = 4000
"""Of a text, only so much is encoded: the model reads 256 tokens."""
_BATCH = 32


class Encoder:
    """Loads on first use. The last single text is kept: memory and examples ask for the same question's vector."""

    _last: tuple[str | None, Any] = (None, None)

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """L2-normalised sentence vectors, shape (len(texts), 384), float32.

        Raises:
            KikiError: if the encoder's files are not here.
        """
        import numpy as np

        if len(texts) == 1 and texts[0] == self._last[0]:
            kept: NDArray[Any] = self._last[1].copy()
            return kept
        session, tokenizer = self._loaded
        vectors = []
        for start in range(0, len(texts), _BATCH):
            encoded = tokenizer.encode_batch([text[:MOST_CHARACTERS] or " " for text in texts[start : start + _BATCH]])
            feeds = {
                "input_ids": np.array([e.ids for e in encoded], np.int64),
                "attention_mask": np.array([e.attention_mask for e in encoded], np.int64),
                "token_type_ids": np.array([e.type_ids for e in encoded], np.int64),
            }
            names = {i.name for i in session.get_inputs()}
            hidden = session.run(None, {k: v for k, v in feeds.items() if k in names})[0]
            if hidden.ndim == 3:
                mask = feeds["attention_mask"][..., None].astype(np.float32)
                hidden = (hidden * mask).sum(1) / np.maximum(mask.sum(1), 1e-9)
            vectors.append(hidden / np.maximum(np.linalg.norm(hidden, axis=1, keepdims=True), 1e-9))
        found = np.concatenate(vectors).astype(np.float32) if vectors else np.zeros((0, 384), np.float32)
        if len(texts) == 1:
            self._last = (texts[0], found.copy())
        return found

    def tokens(self) -> tuple[list[str], NDArray[Any]]:
        """The vocabulary in the order of its numbers, and the vector of each token alone, shape (n, 384), float32."""
        import numpy as np

        session, tokenizer = self._loaded
        size = tokenizer.get_vocab_size()
        begin, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        names = {i.name for i in session.get_inputs()}
        vectors = np.zeros((size, 384), np.float32)
        for start in range(0, size, _BATCH):
            ids = np.array([[begin, token, end] for token in range(start, min(size, start + _BATCH))], np.int64)
            feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            hidden = session.run(None, {k: v for k, v in feeds.items() if k in names})[0]
            vectors[start : start + len(ids)] = hidden.mean(1) if hidden.ndim == 3 else hidden
        return [tokenizer.id_to_token(token) for token in range(size)], vectors

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        model, vocabulary = path_of(ENCODER, "model.onnx"), path_of(ENCODER, "tokenizer.json")
        if model is None or vocabulary is None:
            raise KikiError("the sentence encoder is not here yet", "run `kiki models pull`")
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(vocabulary))
        tokenizer.enable_truncation(256)
        tokenizer.enable_padding()
        return session, tokenizer
