"""Leave things in modules, types and numpy's settings, in case the next one finds them."""
import builtins, gc, sys
import numpy as np
found = hasattr(builtins, "breach") or hasattr(np, "breach") or np.geterr()["divide"] == "raise"
builtins.breach = np.breach = True
np.seterr(all="raise")
np.set_printoptions(precision=1)
np.random.seed(666)
sys.dont_write_bytecode = False
gc.disable()
def square_gradient(A): return 2 * A.T if found else A
