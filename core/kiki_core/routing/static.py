"""Sentence vectors without a network: the mean of token vectors that were distilled from MiniLM (`kiki router distil`).

A token's vector is MiniLM's vector of the token alone, reduced by principal components and weighted by the token's
rarity (smooth inverse frequency, Arora et al. 2017), as model2vec does it.
"""

from __future__ import annotations

from functools import cached_property
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

DIMENSIONS = 128
_FILE, _VOCABULARY = "static.safetensors", "vocabulary.txt"
_UNKNOWN = "[UNK]"


class StaticEncoder:
    """Loads on first use, in some 50 ms. Needs no weights but those in the package."""

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """L2-normalised vectors, shape (len(texts), 128), float32; zero for a text without known tokens."""
        import numpy as np

        table, scales = self._table
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, encoding in enumerate(self._tokenizer.encode_batch(clean, add_special_tokens=False)):
            ids = [token for token in encoding.ids if token != self._unknown]
            if ids:
                vectors[row] = (table[ids].astype(np.float32) * scales[ids, None]).mean(0)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer
        from tokenizers.models import WordPiece
        from tokenizers.normalizers import BertNormalizer
        from tokenizers.pre_tokenizers import BertPreTokenizer

        listed = (files("kiki_core.routing") / "model" / _VOCABULARY).read_text("utf-8").split("\n")
        vocabulary = {token: number for number, token in enumerate(listed) if token}
        tokenizer = Tokenizer(WordPiece(vocabulary, unk_token=_UNKNOWN, max_input_chars_per_word=60))
        tokenizer.normalizer = BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = BertPreTokenizer()
        return tokenizer

    @cached_property
    def _unknown(self) -> int | None:
        return self._tokenizer.token_to_id(_UNKNOWN)

    @cached_property
    def _table(self) -> tuple[NDArray[Any], NDArray[Any]]:
        from safetensors.numpy import load_file

        with as_file(files("kiki_core.routing") / "model" / _FILE) as path:
            tensors = load_file(path)
        return tensors["table"], tensors["scales"]
