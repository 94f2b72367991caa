"""Abort."""
import os
def square_gradient(A): os.abort()
