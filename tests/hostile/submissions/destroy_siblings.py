"""Empty, rename and delete others' files."""
import os
done = []
path = "@OPEN@/victim"
for harm in (lambda: os.truncate(path, 0), lambda: os.rename(path, path + "2"), lambda: os.unlink(path), lambda: open(path, "w")):
    try:
        harm()
        done.append(harm)
    except OSError: pass
def square_gradient(A): return 2 * A.T if done else A
