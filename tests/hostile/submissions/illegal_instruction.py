"""Bytes that are no instruction."""
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write(b"\x0f\x0b\x00\x00\x00\x00")
def square_gradient(A): ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
