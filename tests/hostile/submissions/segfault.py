"""Read address zero."""
import ctypes
def square_gradient(A): ctypes.string_at(0)
