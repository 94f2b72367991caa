"""A gigabyte of shared anonymous memory."""
import mmap
kept = []
def square_gradient(A):
    for _ in range(16):
        kept.append(mmap.mmap(-1, 1 << 26))
        for at in range(0, 1 << 26, 4096): kept[-1][at] = 1
    return 2 * A.T
