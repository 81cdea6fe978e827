"""Property tests take the same examples in every run; `KIKI_FUZZ=1` takes others, and more of them."""

import os

from hypothesis import settings

# A test that opens a file in the server starts no model; one that wants the model says so.
os.environ.setdefault("KIKI_EDITOR__MODEL", "false")

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("fuzz", max_examples=2000, deadline=None)
settings.load_profile("fuzz" if os.environ.get("KIKI_FUZZ") == "1" else "same")
