"""The checkers, each in its own idiom and with its own defaults; True for accepted, False for rejected.

torch gradcheck: eps 1e-6, atol 1e-5, rtol 1e-3, its defaults; a custom Function with the claim as backward, or
as jvp with check_forward_ad. The fast mode compares one random projection. Complex inputs follow torch's
convention, which is that of our pullbacks.

jax check_grads: order 1, float64, its default tolerance 1e-5 and step; custom_jvp or custom_vjp around numpy
code, which check_grads calls with numbers, not with tracers. jax pulls back without conjugation, so the claim is
conjugated twice. One random direction.

autograd check_grads: order 1, TOL = RTOL = 1e-6 and EPS = 1e-6 in its source; primitive with defvjp or defjvp.
One random direction. Real inputs only, as its convention for complex ones is another.

scipy check_grad: the distance from forward differences (step 1.5e-8) in the Euclidean norm, against 1e-6, which is
what its documentation's examples and common use take for small. The gradient, or Jacobian, is assembled from the claim.

numdifftools: Jacobian with full_output, adaptive Richardson extrapolation; accepted if every entry of the claim is
within its own error estimate plus 1e-8 of the largest entry, since its estimates are no bounds.

pymanopt: what check_gradient plots: the slope of the Taylor remainder of a cost function along a random direction
on the most linear piece of its log–log plot, which should be 2. Accepted between 1.9 and 2.1, or if the model is
exact. Costs are scalar, so a map is paired with a random cotangent, on the product of Euclidean manifolds.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.verifier.claim import Array, Claim, NotExpressibleError, flatten, unflatten

Checker = Callable[[Claim], bool]

SCIPY_TOLERANCE = 1e-6
NUMDIFF_RTOL = 1e-8
SLOPES = (1.9, 2.1)


def torch_gradcheck(claim: Claim, fast: bool = False) -> bool:
    """Finite differences of the whole Jacobian against the claim; in fast mode along one random direction."""
    import torch

    class Claimed(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(*xs: Any) -> Any:
            return torch.as_tensor(claim.place.f(*(x.detach().numpy() for x in xs)))

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            xs = [x.detach().numpy() for x in ctx.saved_tensors]
            pulled = claim.vjp(xs, g.detach().numpy())
            return tuple(torch.as_tensor(np.array(part)) for part in pulled)

        @staticmethod
        def jvp(ctx: Any, *vs: Any) -> Any:
            xs = [x.detach().numpy() for x in ctx.saved_tensors]
            return torch.as_tensor(np.array(claim.jvp(xs, [v.detach().numpy() for v in vs])))

    xs = [torch.tensor(x, requires_grad=True) for x in claim.place.at]
    forward = claim.place.is_forward
    return bool(
        torch.autograd.gradcheck(
            Claimed.apply, xs, raise_exception=False, fast_mode=fast,
            check_forward_ad=forward, check_backward_ad=not forward,
            check_undefined_grad=False, check_batched_grad=False,
        )
    )  # fmt: skip


def torch_fast(claim: Claim) -> bool:
    """The fast mode of gradcheck."""
    return torch_gradcheck(claim, fast=True)


def jax_check_grads(claim: Claim) -> bool:
    """A random direction, forward or in reverse, as the claim is."""
    import jax
    import jax.numpy as jnp
    from jax.test_util import check_grads

    def call(*xs: Any) -> Any:
        return jnp.asarray(claim.place.f(*map(np.asarray, xs)))

    def push(xs: Any, vs: Any) -> Any:
        y = call(*xs)
        return y, jnp.asarray(claim.jvp([*map(np.asarray, xs)], [*map(np.asarray, vs)]), y.dtype)

    def pull(xs: Any, g: Any) -> Any:
        parts = claim.vjp([*map(np.asarray, xs)], np.conj(g))
        return tuple(jnp.asarray(np.conj(part), x.dtype) for part, x in zip(parts, xs, strict=True))

    if claim.place.is_forward:
        f: Any = jax.custom_jvp(call)
        f.defjvp(push)
    else:
        f = jax.custom_vjp(call)
        f.defvjp(lambda *xs: (call(*xs), xs), pull)
    try:
        check_grads(f, claim.place.at, order=1, modes=["fwd" if claim.place.is_forward else "rev"])
    except AssertionError:
        return False
    return True


def autograd_check_grads(claim: Claim) -> bool:
    """A random direction, forward or in reverse, as the claim is."""
    from autograd.extend import defjvp_argnum, defvjp_argnum, primitive
    from autograd.test_util import check_grads

    if claim.place.is_complex:
        raise NotExpressibleError
    f = primitive(lambda *xs: _plain(claim.place.f(*map(np.asarray, xs))))

    def push(argnum: int, v: Any, answer: Any, xs: Any, kwargs: Any) -> Any:
        vs = [np.asarray(v) if k == argnum else np.zeros(np.shape(x)) for k, x in enumerate(xs)]
        return _plain(claim.jvp([np.asarray(x) for x in xs], vs))

    def pull(argnum: int, answer: Any, xs: Any, kwargs: Any) -> Any:
        return lambda g: _plain(claim.vjp([np.asarray(x) for x in xs], np.asarray(g))[argnum])

    mode = "fwd" if claim.place.is_forward else "rev"
    if mode == "fwd":
        defjvp_argnum(f, push)
    else:
        defvjp_argnum(f, pull)
    count = len(claim.place.at)
    which = 0 if count == 1 else tuple(range(count))
    np.random.seed(0)  # its random directions come from there
    try:
        check_grads(f, which, modes=[mode], order=1)(*map(_plain, claim.place.at))
    except AssertionError:
        return False
    return True


def _plain(x: Any) -> Any:
    """Numbers as Python numbers, as autograd has them."""
    array = np.asarray(x)
    return array if array.ndim else array.item()


def scipy_check_grad(claim: Claim) -> bool:
    """‖claim − forward difference‖ < 1e-6."""
    from scipy.optimize import check_grad

    if claim.place.is_complex:
        raise NotExpressibleError
    like = claim.place.at
    is_scalar = claim.place.f(*like).ndim == 0

    def f(x: Array) -> Any:
        y = np.ravel(claim.place.f(*unflatten(x, like)))
        return float(y[0]) if is_scalar else y

    def derivative(x: Array) -> Array:
        J = claim.jacobian(unflatten(x, like))
        return J[0] if is_scalar else J

    return bool(check_grad(f, derivative, flatten(like)) < SCIPY_TOLERANCE)


def numdifftools_jacobian(claim: Claim) -> bool:
    """Every entry of the claim within the extrapolation's own error estimate, and a little more."""
    import numdifftools

    if claim.place.is_complex:
        raise NotExpressibleError
    like = claim.place.at
    f = numdifftools.Jacobian(lambda x: np.ravel(claim.place.f(*unflatten(x, like))), full_output=True)
    found = f(flatten(like))
    J = np.reshape(found.estimate, (-1, flatten(like).size))
    allowed = np.reshape(found.error_estimate, J.shape) + NUMDIFF_RTOL * np.max(np.abs(J))
    return bool(np.all(np.abs(claim.jacobian(like) - J) <= allowed))


def pymanopt_slope(claim: Claim) -> bool:
    """The slope of the remainder along a random direction, for the map paired with a random cotangent."""
    import pymanopt
    from pymanopt.manifolds import Euclidean
    from pymanopt.tools.diagnostics import check_directional_derivative

    if claim.place.is_complex:
        raise NotExpressibleError
    like, rng = claim.place.at, np.random.default_rng(0)
    G = rng.standard_normal(claim.place.f(*like).shape)
    manifold = Euclidean(flatten(like).size)

    @pymanopt.function.numpy(manifold)  # type: ignore[untyped-decorator]
    def cost(x: Array) -> float:
        return float(np.sum(G * claim.place.f(*unflatten(x, like))))

    @pymanopt.function.numpy(manifold)  # type: ignore[untyped-decorator]
    def gradient(x: Array) -> Array:
        return np.asarray(np.ravel(G) @ claim.jacobian(unflatten(x, like)))

    problem = pymanopt.Problem(manifold, cost, euclidean_gradient=gradient)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        *_, line = check_directional_derivative(
            problem, flatten(like), manifold.random_tangent_vector(flatten(like))
        )
    return "model is exact" in said.getvalue() or bool(SLOPES[0] <= line[0] <= SLOPES[1])


CHECKERS: Mapping[str, Checker] = {
    "torch gradcheck": torch_gradcheck,
    "torch gradcheck, fast": torch_fast,
    "jax check_grads": jax_check_grads,
    "autograd check_grads": autograd_check_grads,
    "scipy check_grad": scipy_check_grad,
    "numdifftools Jacobian": numdifftools_jacobian,
    "pymanopt slope test": pymanopt_slope,
}
