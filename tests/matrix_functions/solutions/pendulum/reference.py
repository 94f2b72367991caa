import numpy as np

ORDER = 24


def pendulum_differential(z, dz):
    state = [z[0], z[1], dz[0], dz[1]]
    steps = int(4 + 2 * abs(z[1]))
    for _ in range(steps):
        state = taylor(*state, 1 / steps)
    return np.array(state[2:])


def taylor(angle, speed, dangle, dspeed, h):
    """Sum the Taylor series of the motion and of its differential."""
    a, w, s, c = [angle], [speed], [np.sin(angle)], [np.cos(angle)]
    da, dw = [dangle], [dspeed]
    for k in range(ORDER):
        a.append(w[k] / (k + 1))
        w.append(-s[k] / (k + 1))
        s.append(sum(c[k - j] * (j + 1) * a[j + 1] for j in range(k + 1)) / (k + 1))
        c.append(-sum(s[k - j] * (j + 1) * a[j + 1] for j in range(k + 1)) / (k + 1))
        da.append(dw[k] / (k + 1))
        dw.append(-sum(c[k - j] * da[j] for j in range(k + 1)) / (k + 1))
    return [np.polyval(series[::-1], h) for series in (a, w, da, dw)]
