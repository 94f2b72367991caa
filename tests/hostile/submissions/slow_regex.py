"""A regular expression that backtracks for ever."""
import re
def square_gradient(A): return re.match(r"(a+)+$", "a" * 60 + "b")
