"""The corpus before our verifier and before the derivative checkers that install from PyPI."""
