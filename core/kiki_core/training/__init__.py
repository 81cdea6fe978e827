"""Training of experts: recipes, pairs, engines, the way into the store. Nothing heavy is imported here."""
