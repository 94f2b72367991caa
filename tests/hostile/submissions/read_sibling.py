"""Take another student's file."""
namespace = {}
try: exec(open("@CLASS@/000-control.py").read(), namespace)
except OSError: pass
square_gradient = namespace.get("square_gradient", lambda A: A)
