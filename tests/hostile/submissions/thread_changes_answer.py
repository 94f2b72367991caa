"""A thread goes on writing to what was returned."""
import threading
def square_gradient(A):
    B = A * 0
    def scribble():
        for k in range(10**7): B[...] = k
    threading.Thread(target=scribble, daemon=True).start()
    return B
