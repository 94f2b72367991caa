"""The corpus: what students might hand in for every problem, right, wrong and nearly right.

A problem joins by itself: its reference, alternatives and known mistakes come from `solutions/`, near misses,
relations and difference quotients are made from its reference and its `f`. Formulas by hand, independent of
`solutions/`, stand in `tests/corpus/formulas/`.
"""

from tests.corpus.build import build_corpus
from tests.corpus.variant import Variant

__all__ = ["Variant", "build_corpus"]
