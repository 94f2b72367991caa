"""One operation in C that takes years and hears no signal."""
def square_gradient(A): return (7 ** (7 ** 9)) % 5 + str(10**10**6).count("1")
