"""Statistics of reproduction: pure functions on numbers; no torch, no files."""
