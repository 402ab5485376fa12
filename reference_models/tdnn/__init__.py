"""Frames of sound to symbols: convolutions over time that look further with each layer."""
