"""Which experts answer a question."""
