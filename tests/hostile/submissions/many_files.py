"""Inodes: folders, links, pipes and empty files."""
import os
done = []
for number in range(20):
    path = f"@OPEN@/inode-{number}"
    for make, undo in ((os.mkdir, os.rmdir), (os.mkfifo, os.unlink), (lambda at: os.symlink("x", at), os.unlink),
                       (lambda at: os.close(os.open(at, os.O_CREAT)), os.unlink), (lambda at: os.link("@CLASS@/000-control.py", at), os.unlink)):
        try:
            make(path)
            done.append(path)
            undo(path)
        except OSError: pass
def square_gradient(A): return 2 * A.T if done else A
