"""The classifier of the field's first lesson: two convolutions and a linear head."""
