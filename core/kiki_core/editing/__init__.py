"""Whole answers for an editor: what is asked of the pipeline about a file, and the verified change that comes of it."""
