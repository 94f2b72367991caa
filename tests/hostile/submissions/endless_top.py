"""Top-level code that never ends."""
while True: pass
