"""One thin file per command: options, one call, print, exit code."""
