"""Threads that compute for ever and hold on to the interpreter."""
import sys, threading
sys.setswitchinterval(1000)
def spin():
    while True: pass
def square_gradient(A):
    for _ in range(8): threading.Thread(target=spin, daemon=True).start()
    spin()
