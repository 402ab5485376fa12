"""A decoder: it reads a text from left to right and predicts the next token at every place."""
