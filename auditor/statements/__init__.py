"""What a release states in numbers, read from wherever it stands: scores of metrics, and quantities.

Nothing here judges. Each statement knows its place, its printed digits and which others were made with it.
"""
