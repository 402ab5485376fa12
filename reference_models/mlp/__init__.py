"""Linear layers with ReLU between them, on a vector of numbers."""
