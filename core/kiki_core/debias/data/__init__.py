"""Written examples, the classifier made of them, and yes/no questions about bias."""
