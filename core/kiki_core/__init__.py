"""The pipeline that routes, drafts, verifies, repairs and remembers an answer."""
