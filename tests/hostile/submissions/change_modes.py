"""Change modes, owners, times and attributes of files that cannot be opened."""
import os
done = []
path = "@OPEN@/victim"
for harm in (lambda: os.chmod(path, 0), lambda: os.chown(path, os.getuid(), os.getgid()), lambda: os.utime(path, (0, 0)),
             lambda: os.setxattr(path, "user.x", b"x")):
    try:
        harm()
        done.append(harm)
    except OSError: pass
def square_gradient(A): return 2 * A.T if done else A
