"""What memory recalls: labelled evidence of LoCoMo conversations, and our own engineering dialogues.

Run by name (`make bench BENCH=bench_memory_quality`). `KIKI_SETTINGS=24` also tries so many random settings of the
weights and chooses, for each conversation, the setting that is best on the four others: what recall does on
conversations that no weight was chosen on. LoCoMo (CC BY-NC 4.0) is looked for in `$KIKI_LOCOMO`, else in
the shared corpus beside the checkout; it is for measuring only.
"""

from __future__ import annotations

import json
import math
import os
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from dialogues import ALL
from dialogues_held import HELD
from rows import Row

from kiki_core.encoder import Encoder
from kiki_core.memory import Episode, Link, Memory, Query, recall
from kiki_core.memory.times import parse
from kiki_core.memory.words import question_words

LOCOMO = Path(
    os.environ.get("KIKI_LOCOMO", Path(__file__).parents[3] / "shared" / "corpus" / "memory" / "locomo_conv1-5.json")
)
KINDS = {1: "several turns", 2: "time", 3: "open", 4: "one turn", 5: "adversarial"}
SETTINGS = int(os.environ.get("KIKI_SETTINGS", "0"))
DAY = 86_400.0
START = 1_780_000_000.0


class Remembering(Encoder):
    """The encoder, each text once."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def encode(self, texts: Sequence[str]) -> Any:
        for text in texts:
            if text not in self._known:
                self._known[text] = super().encode([text])[0]
        return np.array([self._known[text] for text in texts])


def benchmarks() -> list[Row]:
    encoder = Remembering()
    own = [*_dialogues(encoder, ALL, "dialogues"), *_dialogues(encoder, HELD, "held-out dialogues")]
    return [*own, *(_locomo(encoder) if LOCOMO.exists() else [])]


def _dialogues(encoder: Encoder, dialogues: Any, title: str) -> list[Row]:
    """The dialogues in one store, each question asked at its day: right if an answer is among the first three and
    nothing that no longer holds is; an absence is right if nothing comes."""
    right: dict[str, list[bool]] = defaultdict(list)
    for with_links in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            memory = Memory(Path(folder) / "memory", encoder)
            for turns, _ in dialogues:
                memory.add([_episode(turn, with_links) for turn in turns])
            memory.encode_pending()
            for _, questions in dialogues:
                for kind, day, text, wanted, wrong in questions:
                    now = START + day * DAY + 3_600
                    query = Query(text, 3, project="", now=now, until=now, relevant=kind == "absence")
                    found = [one.ref for one in memory.search(query)]
                    good = (
                        not found
                        if kind == "absence"
                        else bool(set(wanted) & set(found)) and not set(wrong) & set(found)
                    )
                    right[f"{kind}{'' if with_links else ', without links'}"].append(good)
                    if not good and os.environ.get("KIKI_SHOW"):
                        print(f"{kind}: {text} -> {found}, wanted {wanted} not {wrong}, links {with_links}")
            memory.close()
    rows = [_share(f"{title}, {kind} ({len(good)})", np.mean(good)) for kind, good in right.items()]
    for ending, name in (("", "with links"), (", without links", "without links")):
        every = [one for kind, good in right.items() if kind.endswith("without links") == bool(ending) for one in good]
        rows.append(_share(f"{title}, all {name} ({len(every)})", np.mean(every)))
    return rows


def _episode(turn: tuple[Any, ...], with_links: bool) -> Episode:
    day, ref, who, text, supersedes, rests_on = turn
    return Episode(
        text,
        author=who,
        ref=ref,
        session=f"{ref[0]}{day}",
        time=START + day * DAY + int(ref[1:]) * 60,
        supersedes=(supersedes,) if supersedes and with_links else (),
        links=tuple(Link("causal", other) for other in rests_on) if with_links else (),
    )


def _locomo(encoder: Encoder) -> list[Row]:
    found: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    kept: list[Memory] = []
    questions: list[list[tuple[str, int]]] = []
    asked_of: list[list[tuple[str, set[str]]]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, conversation in enumerate(json.loads(LOCOMO.read_text("utf-8"))):
            turns = _turns(conversation["conversation"])
            memory = Memory(Path(folder) / str(number), encoder)
            memory.add(turns)
            memory.encode_pending()
            kept.append(memory)
            peers = _peers(turns, encoder)
            refs = {turn.ref for turn in turns}
            questions.append([(one["question"], one["category"]) for one in conversation["qa"]])
            asked_of.append([])
            for one in conversation["qa"]:
                wanted = set(one["evidence"]) & refs
                if not wanted:
                    continue
                asked_of[-1].append((one["question"], wanted))
                ours = [hit.ref for hit in memory.search(Query(one["question"], 10, project=""))]
                for name, ranked in [("kiki", ours), *((name, rank(one["question"])) for name, rank in peers.items())]:
                    for k in (5, 10):
                        hits = wanted & set(ranked[:k])
                        found[name][f"any@{k}"].append(bool(hits))
                        found[name][f"all@{k}"].append(hits == wanted)
                    for k in (5, 10):
                        kind = KINDS[one["category"]]
                        found[name][f"any@{k}, {kind}"].append(bool(wanted & set(ranked[:k])))
                        found[name][f"all@{k}, {kind}"].append(wanted <= set(ranked[:k]))
        rows = _cross_validated(kept, asked_of) if SETTINGS else []
        for measure in found["kiki"]:
            shares = {name: float(np.mean(found[name][measure])) for name in found}
            peer = max((name for name in shares if name != "kiki"), key=shares.__getitem__)
            rows.append(
                _share(f"LoCoMo {measure}", shares["kiki"], f"best of others ({peer}: {100 * shares[peer]:.1f}) + 5")
            )
            print(measure, {name: round(100 * share, 1) for name, share in shares.items()})
        present, absent = [], []
        for number, asked in enumerate(questions):
            for text, kind in asked[::4]:
                if kind != 5:
                    present.append(bool(kept[number].search(Query(text, 1, project="", relevant=True))))
                    absent.append(not kept[number - 1].search(Query(text, 1, project="", relevant=True)))
        rows.append(_share("LoCoMo, own questions above the relevance floor", np.mean(present)))
        rows.append(_share("LoCoMo, another's questions below it", np.mean(absent)))
        for memory in kept:
            memory.close()
    return rows


def _cross_validated(kept: list[Memory], asked_of: list[list[tuple[str, set[str]]]]) -> list[Row]:
    """Each conversation with the setting that did best on the others, among random ones that know nothing of ours."""
    random.seed(5)
    figures = []  # for each setting: conversation, question, (any@5, any@10, all@5, all@10)
    own = recall.WEIGHTS
    try:
        for number in range(SETTINGS):
            recall.WEIGHTS = _random_weights()
            each = []
            for memory, asked in zip(kept, asked_of, strict=True):
                scores = []
                for text, wanted in asked:
                    ranked = [hit.ref for hit in memory.search(Query(text, 10, project=""))]
                    near, far = set(ranked[:5]), set(ranked)
                    scores.append((bool(wanted & near), bool(wanted & far), wanted <= near, wanted <= far))
                each.append(np.array(scores, float))
            figures.append(each)
            print(number, recall.WEIGHTS, [round(100 * float(one), 1) for one in np.concatenate(each).mean(0)])
    finally:
        recall.WEIGHTS = own
    tested = []
    for held in range(len(kept)):
        others = [np.concatenate(each[:held] + each[held + 1 :]).mean() for each in figures]
        tested.append(figures[int(np.argmax(others))][held])
    shares = np.concatenate(tested).mean(0)
    names = ("any@5", "any@10", "all@5", "all@10")
    return [
        _share(f"LoCoMo {name}, weights chosen on the other four", share)
        for name, share in zip(names, shares, strict=True)
    ]


def _random_weights() -> recall.Weights:
    def between(low: float, high: float) -> float:
        return round(random.uniform(low, high), 2)

    return recall.Weights(
        noise=between(0, 0.3),
        text=between(2, 20),
        near=(between(0, 0.8), between(0, 0.8)),
        far=(between(0, 0.4), between(0, 0.4)),
        author=between(0, 3),
        in_window=between(0, 4),
        recent=between(0, 1),
    )


def _turns(conversation: dict[str, Any]) -> list[Episode]:
    found = []
    for number in range(1, 100):
        for turn in conversation.get(f"session_{number}", []):
            moment = parse(conversation[f"session_{number}_date_time"])
            found.append(
                Episode(
                    turn["text"], author=turn["speaker"], ref=turn["dia_id"], session=f"session_{number}", time=moment
                )
            )
    return found


def _peers(turns: list[Episode], encoder: Encoder) -> dict[str, Callable[[str], list[str]]]:
    """BM25, dense and plain reciprocal rank fusion of the two, all with the speaker's name before the text."""
    texts = [f"{turn.author}: {turn.question}" for turn in turns]
    vectors = encoder.encode(texts)
    documents = [Counter(_stems(text)) for text in texts]
    frequency = Counter(word for document in documents for word in document)
    lengths = np.array([sum(document.values()) for document in documents])

    def bm25(question: str) -> Any:
        scores = np.zeros(len(turns))
        for word in set(_stems(question)):
            rarity = math.log(1 + (len(turns) - frequency[word] + 0.5) / (frequency[word] + 0.5))
            for at, document in enumerate(documents):
                if count := document.get(word, 0):
                    scores[at] += rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * lengths[at] / lengths.mean()))
        return scores

    def dense(question: str) -> Any:
        return vectors @ encoder.encode([question])[0]

    def fused(question: str) -> Any:
        places = [np.argsort(np.argsort(-scores, kind="stable")) for scores in (bm25(question), dense(question))]
        return sum(1 / (61 + place) for place in places)

    def ranked(score: Callable[[str], Any]) -> Callable[[str], list[str]]:
        return lambda question: [turns[at].ref for at in np.argsort(-score(question), kind="stable")[:10]]

    return {"BM25": ranked(bm25), "dense": ranked(dense), "RRF": ranked(fused)}


def _stems(text: str) -> list[str]:
    found = []
    for word in question_words(text):
        for ending in ("ing", "ed", "es", "s", "e"):
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                word = word.removesuffix(ending)
                break
        found.append(word)
    return found


def _share(name: str, share: Any, goal: str = "") -> Row:
    return Row(name, 100 * float(share), 100 * float(share), "%", goal)
