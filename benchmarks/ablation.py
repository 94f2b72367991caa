"""What each layer of isolation is for: leave it out, and see which tests notice.

Run by root, everything is tried as root and as an ordinary user, at the levels `strong` and `standard`; run by anyone
else, as that user only. A layer of which nothing is noticed is one that others cover, for whoever looks here. Attacks
succeed while this runs: they can write to a folder made for it and to nothing else (root), or to what the user can
write to (they make and open files, and leave none). Usage:

    python benchmarks/ablation.py [--levels strong standard]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import get_args

ROOT = Path(__file__).resolve().parent.parent
_SHOWN = 5


def main() -> None:
    """Try and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--levels", nargs="+", choices=("strong", "standard"), default=["strong", "standard"])
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from grader.answers.sandbox.policy import LAYERS, Namespace
    from tests.hostile.layers import ablate

    who: dict[str, tuple[str, ...]] = {"root": (), "an ordinary user": ("--user",)}
    if os.geteuid():
        who = {"this user": ()}
    for level in given.levels:
        layers = [layer for layer in LAYERS if level == "strong" or layer not in get_args(Namespace)]
        for name, machine in who.items():
            print(f"\n{level}, as {name}:\n\n| without | noticed by |\n|---|---|", flush=True)
            denied = ("--no-namespaces",) if level == "standard" else ()
            for layer, found in ablate((*machine, *denied), level, layers):
                counted = {
                    "from outside": found.outside,
                    "by the self-test": found.attempts,
                    "by a submission": found.submissions,
                    "refused": (found.failed,) if found.failed else (),
                }
                texts = [f"{kind}: {_some(names)}" for kind, names in counted.items() if names]
                print(f"| {layer or '(nothing)'} | {'; '.join(texts) or '–'} |", flush=True)


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


if __name__ == "__main__":
    main()
