"""A frame of which one byte comes now and then, for ever."""
import os, struct, time
def square_gradient(A):
    data = struct.pack("<BII", 5, 0, 5000) + bytes(5000)
    for byte in data:
        for descriptor in range(3, 10):
            try: os.write(descriptor, bytes([byte]))
            except OSError: pass
        time.sleep(0.02)
