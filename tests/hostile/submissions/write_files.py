"""Write a file anywhere."""
import os
def can_write(folder):
    """Whether a file could be made there; it has no name, so that none is left."""
    try: os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR))
    except OSError: return False
    return True
done = [folder for folder in ("@OUT@", "@CLASS@", "@COURSE@", "/tmp", "/var/tmp", "/", "/dev", "/run", "/home") if can_write(folder)]
try:
    with open("@OPEN@/breach", "wb") as file: file.write(b"x")
    done.append("@OPEN@")
except OSError: pass
def square_gradient(A): return 2 * A.T if done else A
