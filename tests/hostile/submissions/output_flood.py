"""Print for ever."""
def square_gradient(A):
    while True: print("x" * 10000)
