"""Die of a signal that has no name."""
import signal
def square_gradient(A): signal.raise_signal(44)
