"""The router's data is as its datasheet says."""

from collections import Counter

from datasketch import MinHash, MinHashLSH

from kiki_core.domains import DOMAINS
from kiki_core.routing import dataset
from kiki_core.routing.features import words

PROMPTS = dataset.prompts()
HARDWARE = (
    "components", "dsp", "electronics", "embedded", "emc", "freecad", "iot", "kicad-dsl", "kicad-pcb", "platformio",
    "power", "spice", "spice-sim", "stm32",
)  # fmt: skip


def test_every_domain_has_prompts_of_its_own_and_a_glossary():
    single = Counter(prompt.labels[0] for prompt in PROMPTS if len(prompt.labels) == 1 and prompt.split != "transfer")
    assert {domain: single[domain] for domain in DOMAINS if single[domain] < 80} == {}
    lines = Counter(name for name, _ in dataset.terms())
    assert set(lines) == {*DOMAINS, "outside"}
    assert min(lines.values()) >= 700


def test_there_are_prompts_for_several_experts_and_for_none():
    assert sum(2 <= len(prompt.labels) <= 4 for prompt in PROMPTS) >= 300
    assert sum(not prompt.labels for prompt in PROMPTS) >= 400
    assert sum(prompt.split == "transfer" for prompt in PROMPTS) >= 300


def test_hardware_is_asked_in_four_languages():
    asked = {(p.labels[0], p.language) for p in PROMPTS if p.labels and p.split != "transfer"}
    assert {(d, lang) for d in HARDWARE for lang in ("en", "fr", "de", "es")} <= asked


def test_groups_are_never_divided():
    splits = {(prompt.group, prompt.split) for prompt in PROMPTS if prompt.split != "transfer"}
    assert len(splits) == len({group for group, _ in splits})


def test_no_prompt_is_nearly_another():
    """MinHash over the letters' 4-grams: nothing above a Jaccard index of 0.8 outside of one group."""
    near = MinHashLSH(threshold=0.8, num_perm=64)
    twins = []
    for number, prompt in enumerate(PROMPTS):
        text = " ".join(words(prompt.text))
        sketch = MinHash(num_perm=64, seed=1)
        sketch.update_batch({text[i : i + 4].encode() for i in range(max(1, len(text) - 3))})
        twins += [
            (prompt.text, PROMPTS[other].text) for other in near.query(sketch) if PROMPTS[other].group != prompt.group
        ]
        near.insert(number, sketch)
    assert twins == []
