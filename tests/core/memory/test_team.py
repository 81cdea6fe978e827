"""Two people, each with a store, and LanceDB at one shared address (`file://` here, object storage in life)."""

from pathlib import Path

from word_vectors import WordVectors

from kiki_core.config import MemorySettings
from kiki_core.memory import Episode, Link, Memory, Query
from kiki_core.memory.tending import compact


def test_a_team_shares_episodes_links_and_forgetting(tmp_path: Path) -> None:
    settings = MemorySettings(store=f"file://{tmp_path}/team")
    ann = Memory(tmp_path / "ann", WordVectors(), project="acme/board")
    bob = Memory(tmp_path / "bob", WordVectors(), project="acme/board")
    ann.add([Episode("the rail is 3.3 V", ref="r1"), Episode("the rail is now 3.0 V", ref="r2", supersedes=("r1",))])
    bob.add([Episode("the antenna was moved for the rail", ref="b1", links=(Link("causal", "r2"),))])
    compact(ann, settings)
    assert compact(bob, settings)["taken_over"] == 2
    assert compact(ann, settings)["taken_over"] == 1
    for one in (ann, bob):
        assert sorted(episode.ref for episode in one.episodes()) == ["b1", "r1", "r2"]
        assert one.search(Query("what is the rail", 1, project="acme/board"))[0].ref == "r2"
        assert {step.episode.ref for step in one.walk("r2", depth=1)} == {"r1", "b1"}
        assert one.stats()["not_encoded"] == 0
    ann.forget(["b1"])
    compact(ann, settings)
    compact(bob, settings)
    assert sorted(episode.ref for episode in bob.episodes()) == ["r1", "r2"]
    compact(ann, settings)
    assert sorted(episode.ref for episode in ann.episodes()) == ["r1", "r2"]
