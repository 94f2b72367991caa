"""Stop oneself, so that nobody can wait for the end."""
import signal
def square_gradient(A): signal.raise_signal(signal.SIGSTOP)
