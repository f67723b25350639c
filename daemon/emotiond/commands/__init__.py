"""One file per sub-command: reads its arguments, builds the parts, calls."""
