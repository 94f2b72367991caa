"""An exception whose text never ends, or raises, or is enormous."""
class Endless(Exception):
    def __str__(self): return "x" * (1 << 26)
    def __repr__(self): raise self
    @property
    def __traceback__(self): raise self
    @property
    def __class__(self): return SystemExit
def square_gradient(A): raise Endless(Endless())
