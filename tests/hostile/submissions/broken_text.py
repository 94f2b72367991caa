"""Texts that are no text: halves of characters, nulls, line ends of all kinds."""
def square_gradient(A): raise ValueError("\ud800\udfff\0\u2028\u2029\x85\x0b\x0c\r\n" * 100)
