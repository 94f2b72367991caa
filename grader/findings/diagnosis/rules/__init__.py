"""Independent rules, one file each; the order in which they are tried is `RULES` in `diagnose`."""
