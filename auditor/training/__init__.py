"""Training and measuring one model from a recipe: data, model, steps, checkpoints; judges nothing."""
