"""Exact arithmetic of published numbers; no input or output."""
