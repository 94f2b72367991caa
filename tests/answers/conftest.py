from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.answers.sandbox import Sandbox
from tests.answers.asking import LIMITS


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS) as made:
        yield made
