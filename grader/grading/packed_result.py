"""A report as a store keeps it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from grader.core.hashing import hash_text
from grader.core.memo import Memo
from grader.reports.report import Report
from grader.reports.serialize import read_exact, shorten, to_exact_json, write_report

_COMPRESSION = 3


@dataclass(frozen=True, slots=True)
class Result:
    """A report as it is kept.

    Args:
        done: False if the grader failed, so that it is to be tried again.
        summary: the shortened report, as exact JSON.
        report: all of it, as exact JSON, compressed.
        digest: of both.
    """

    key: str
    student: str
    done: bool
    summary: str
    report: bytes
    digest: str

    @property
    def content_key(self) -> str:
        """What files that are made from it depend on: the same result may be found anew, and differ."""
        return f"{self.key} {self.digest}"


def pack_result(key: str, report: Report, memo: Memo | None = None) -> Result:
    """Make a report ready to be kept.

    Args:
        memo: of what reports of the same class have in common.
    """
    failed = report.status == "grader_error" or any(p.verdict == "grader_error" for p in report.problems)
    packed = zlib.compress(write_report(report, memo).encode(), _COMPRESSION)
    summary = to_exact_json(shorten(report))
    return Result(key, report.student, not failed, summary, packed, digest_of(summary, packed))


def unpack_report(packed: bytes) -> Report:
    """Read the report that `pack_result` was given.

    Raises:
        ValueError: it is damaged.
    """
    try:
        return read_exact(Report, zlib.decompress(packed))
    except zlib.error as error:
        raise ValueError(str(error)) from None


def digest_of(summary: str, report: bytes) -> str:
    """The digest that tells whether a result is as it was kept."""
    return hash_text(summary.encode() + report)
