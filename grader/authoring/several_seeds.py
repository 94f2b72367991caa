"""Certificates of one problem at several seeds, joined: a formula is right if it is right at each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from grader.core.grouping import group_pairs
from grader.reports.certificate import Certificate, LargestError, Margins, Trial


def join_certificates(certificates: Sequence[Certificate]) -> Certificate:
    """One certificate of those of several seeds; the first has the mutants and the cost."""
    first = certificates[0]
    if len(certificates) == 1:
        return first

    trials = chain.from_iterable(certificate.trials for certificate in certificates)
    groups = group_pairs((_subject(trial), trial) for trial in trials)
    return replace(
        first,
        seeds=tuple(chain.from_iterable(certificate.seeds for certificate in certificates)),
        trials=tuple(map(_join_trials, groups.values())),
        undecided=_add(certificate.undecided for certificate in certificates),
        redrawn=_add(certificate.redrawn for certificate in certificates),
        margins=_join_margins([certificate.margins for certificate in certificates]),
    )


def _subject(trial: Trial) -> tuple[str, str]:
    """What is the same at every seed; the oracle's trial tells how many cases were drawn, which may differ."""
    return trial.kind, "" if trial.kind == "oracle" else trial.id


def _join_trials(trials: Sequence[Trial]) -> Trial:
    """The first of them that failed, else the first, with all seeds at which it failed."""
    failed = [trial for trial in trials if not trial.passed]
    shown = failed[0] if failed else trials[0]
    seeds = chain.from_iterable(trial.failed_at for trial in failed)
    return replace(shown, failed_at=tuple(seeds))


def _add(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total


def _join_margins(margins: Sequence[Margins]) -> Margins:
    return Margins(
        worst_right=_worst(item.worst_right for item in margins),
        nearest_wrong=_nearest(item.nearest_wrong for item in margins),
        reference=_worst(item.reference for item in margins),
        nearest_mutant=_nearest(item.nearest_mutant for item in margins),
    )


def _worst(errors: Iterable[LargestError | None]) -> LargestError | None:
    return max(filter(None, errors), key=lambda item: item.error, default=None)


def _nearest(errors: Iterable[LargestError | None]) -> LargestError | None:
    return min(filter(None, errors), key=lambda item: item.error, default=None)
