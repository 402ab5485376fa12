"""An encoder: it reads a text with some tokens masked and predicts those."""
