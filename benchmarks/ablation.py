"""What each layer of isolation is for: leave it out, and see which tests notice.

Run by root, everything is tried as root and as an ordinary user, at the levels `strong` and `standard`, and as root
at `basic`; run by anyone else, as that user only. A layer of which nothing is noticed is one that others cover, for
whoever looks here. Attacks succeed while this runs: they can write to a folder made for it and to nothing else
(root), or to what the user can write to (they make and open files, and leave none). Usage:

    python benchmarks/ablation.py [--levels strong standard basic]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import get_args

ROOT = Path(__file__).resolve().parent.parent
_SHOWN = 5
_DENIED = {
    "strong": (),
    "standard": ("--no-namespaces",),
    "basic": ("--open", "--no-namespaces", "--no-landlock"),
}
"""Level → what makes this machine one on which it is the strongest."""


def main() -> None:
    """Try and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--levels", nargs="+", choices=tuple(_DENIED), default=list(_DENIED))
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from grader.answers.sandbox.policy import LAYERS, Namespace

    absent_layers = {
        "strong": (),
        "standard": get_args(Namespace),
        "basic": (*get_args(Namespace), "landlock"),
    }
    from tests.hostile.layers import ablate

    who: dict[str, tuple[str, ...]] = {"root": (), "an ordinary user": ("--user",)}
    if os.geteuid():
        who = {"this user": ()}
    for level in given.levels:
        absent = absent_layers[level]
        layers = [layer for layer in LAYERS if layer not in absent]
        for name, machine in who.items():
            if level == "basic" and name != "root":
                continue
            print(f"\n{level}, as {name}:\n\n| without | noticed by |\n|---|---|", flush=True)
            for layer, found in ablate((*machine, *_DENIED[level]), level, layers):
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
