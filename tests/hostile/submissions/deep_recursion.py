"""Use up the stack in C."""
import sys, json
sys.setrecursionlimit(10**8)
def square_gradient(A):
    x = []
    for _ in range(10**6): x = [x]
    return [repr(x), x == [x], json.dumps(x)]
