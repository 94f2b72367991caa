"""Escape sequences that move the cursor, set titles and paste, in output and errors."""
print("\x1b]0;title\x07\x1b[2J\x1b[1;1H\x9b2J\x1bP+q\x1b\\ \r all points \x08\x08")
def square_gradient(A):
    print("\x1b[31m 10/10 \x1b[0m\u202e\u2066 right")
    raise ValueError("\x1b[2J\x1b]52;c;Y3VybA==\x07 \u202efdp.exe")
