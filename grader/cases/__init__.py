"""Cases: random inputs drawn for a problem from a seed."""
