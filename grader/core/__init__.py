"""What every package may use: errors, text, files, seeds, norms, worker processes."""
