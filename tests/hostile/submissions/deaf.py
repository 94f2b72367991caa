"""Ignore every signal, cancel the timers, and compute for ever."""
import signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL, signal.ITIMER_VIRTUAL): signal.setitimer(timer, 0)
def square_gradient(A):
    while True:
        try:
            while True: pass
        except BaseException: pass
