"""`kiki serve`: the pipeline, the base and the experts behind OpenAI's chat API."""
