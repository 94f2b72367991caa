"""A gigabyte of bytes."""
kept = []
def square_gradient(A):
    for _ in range(64): kept.append(bytearray(b"x") * (1 << 24))
    return 2 * A.T
