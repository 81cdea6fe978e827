"""Two people whose memories share a bucket of an S3-compatible server: what one folds in, changes and forgets reaches
the other. Ends at the first difference.

Run by name (`make bench BENCH=bench_memory_s3`) with a server's address in `KIKI_S3`, such as `http://127.0.0.1:5000`
of `moto_server -p 5000` (`pip install 'moto[s3,server]'`, Apache-2.0; too heavy for our own development environment).
"""

from __future__ import annotations

import os
import tempfile
import urllib.request
import uuid
from pathlib import Path

from rows import Row, row, seconds

from kiki_core.config import MemorySettings
from kiki_core.encoder import Encoder
from kiki_core.memory import Episode, Link, Memory, Query
from kiki_core.memory.tending import compact


def benchmarks() -> list[Row]:
    address = os.environ.get("KIKI_S3")
    if not address:
        raise SystemExit("KIKI_S3 must be the address of an S3-compatible server")
    os.environ.update(
        AWS_ENDPOINT=address, AWS_ALLOW_HTTP="true", AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
        AWS_REGION="us-east-1",
    )  # fmt: skip
    bucket = f"memory-{uuid.uuid4().hex[:8]}"
    urllib.request.urlopen(urllib.request.Request(f"{address}/{bucket}", method="PUT"), timeout=30).close()
    settings = MemorySettings(store=f"s3://{bucket}/team")
    with tempfile.TemporaryDirectory() as folder:
        ann, bob = (Memory(Path(folder) / name, Encoder(), project="acme/board") for name in ("ann", "bob"))
        ann.add([Episode("The rail is 3.3 V", ref="r1"), Episode("The rail is 3.0 V", ref="r2", supersedes=("r1",))])
        bob.add([Episode("The antenna was moved for the rail", ref="b1", links=(Link("causal", "r2"),))])
        spent = []
        for _ in range(2):
            for one in (ann, bob):
                spent += seconds(lambda one=one: compact(one, settings), 1)
        for one in (ann, bob):
            assert sorted(episode.ref for episode in one.episodes()) == ["b1", "r1", "r2"]
            assert one.search(Query("what is the rail", 1, project="acme/board"))[0].ref == "r2"
            assert {step.episode.ref for step in one.walk("r2", depth=1)} == {"r1", "b1"}
        ann.forget(["b1"])
        for one in (ann, bob):
            spent += seconds(lambda one=one: compact(one, settings), 1)
        assert sorted(episode.ref for episode in bob.episodes()) == ["r1", "r2"]
        ann.close()
        bob.close()
    return [row("compaction into a shared bucket", spent, "")]
