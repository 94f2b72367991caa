"""Functions of matrices in ball arithmetic: flint matrices in, enclosures of the exact results out."""
