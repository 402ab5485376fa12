"""The chain that a training run leaves behind, and its audit by replaying segments of it."""
