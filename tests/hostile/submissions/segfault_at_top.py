"""Read address zero before anything is asked."""
import ctypes
ctypes.string_at(0)
