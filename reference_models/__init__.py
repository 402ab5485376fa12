"""Reference models: one folder each, one readable file per model."""
