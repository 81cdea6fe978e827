"""Training data that is built: generators propose questions with answers, the domain's tool accepts or refuses them."""
