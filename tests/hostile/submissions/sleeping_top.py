"""Top-level code that sleeps."""
import time
time.sleep(60)
