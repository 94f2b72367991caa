"""A local socket without a file, where someone listens."""
import socket
got = False
try:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as local:
        local.connect("\0frechet-@PORT@")
        local.sendall(b"breach")
        got = True
except OSError: pass
def square_gradient(A): return 2 * A.T if got else A
