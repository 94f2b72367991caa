"""Places of entries, found without numpy, are those that numpy finds."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, basic_indices

from grader.problems.axes import entry_of, lines_along, nested, shape_of, take, transpose


def positions(shape: tuple[int, ...]) -> Any:
    return np.arange(prod(shape)).reshape(shape)


@given(st.data())
def test_an_index_takes_the_entries_that_numpy_takes(data: st.DataObject) -> None:
    shape = data.draw(array_shapes(min_dims=1, max_dims=4, max_side=4))
    index = data.draw(basic_indices(shape, allow_newaxis=True))
    parts = index if isinstance(index, tuple) else (index,)
    wanted = np.asarray(positions(shape)[parts])
    assert take(shape, parts) == (wanted.ravel().tolist(), wanted.shape)


@pytest.mark.parametrize(
    "parts",
    [
        ([0, 2, 1],),
        ([[0, 1], [2, 0]],),
        (slice(None), [1, 0]),
        ([0, 1], [1, 1]),
        ([[0], [1]], [0, 1]),
        (slice(None), [0, 1], [1, 2]),
        ([0, 1], slice(None), [1, 2]),
        (0, slice(None), [1, 2]),
        (slice(None), 1, [0, 3]),
        (None, [0, 1], slice(1, None)),
        (..., [3, 0]),
        ([],),
    ],
)
def test_labels_take_the_entries_that_numpy_takes(parts: Any) -> None:
    shape = (3, 2, 4) if parts[0] not in ([0, 2, 1], [[0, 1], [2, 0]]) else (3, 2)
    wanted = np.asarray(
        positions(shape)[tuple(np.array(p, int) if isinstance(p, list) else p for p in parts)]
    )
    assert take(shape, parts) == (wanted.ravel().tolist(), wanted.shape)


@pytest.mark.parametrize(
    "parts", [(3,), (-4,), (0, 2), (0, 0, 0), ([0, 5],), ([0, 1], [0, 1, 0]), (..., ...), (..., [0, 1], ...)]
)
def test_an_index_that_does_not_fit_is_an_error_as_in_numpy(parts: Any) -> None:
    with pytest.raises(IndexError):
        positions((3, 2))[parts]
    with pytest.raises(IndexError):
        take((3, 2), parts)


@given(st.data())
def test_axes_are_exchanged_as_numpy_exchanges_them(data: st.DataObject) -> None:
    shape = data.draw(array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    order = data.draw(st.permutations(range(len(shape))))
    wanted = positions(shape).transpose(order)
    assert transpose(shape, order) == (wanted.ravel().tolist(), wanted.shape)


def test_a_reduction_goes_along_its_axes() -> None:
    A = positions((2, 3, 2))
    assert [sum(line) for line in lines_along((2, 3, 2), [0, 2])] == A.sum(axis=(0, 2)).tolist()


def test_lists_in_lists_have_a_shape_and_are_broadcast() -> None:
    lists = nested([1, 2, 3, 4, 5, 6], (3, 1, 2))
    assert (lists, shape_of(lists)) == ([[[1, 2]], [[3, 4]], [[5, 6]]], (3, 1, 2))
    assert [entry_of(lists, (k, j, 1)) for k in range(3) for j in range(2)] == [2, 2, 4, 4, 6, 6]
