"""Bytes to values and positions, one parser per format; readers never judge."""
