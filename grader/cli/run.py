"""How a command is run: what it raises becomes a sentence and an exit code, and Python is left at once."""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from grader.cli.option_faults import USAGE_ERROR, explain_fault, is_call_for_help
from grader.core.errors import GraderError


def run(app: typer.Typer) -> NoReturn:
    """Run the command line and leave Python; a fault of the user's is explained, with exit code 2."""
    # A command is over before cyclic garbage amounts to anything; looking for it took a tenth of the time.
    gc.disable()
    if isinstance(sys.stdout, io.TextIOWrapper):  # where A⁻¹ cannot be shown, its number can, as on stderr
        sys.stdout.reconfigure(errors="backslashreplace")

    code = _call(app)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = 0  # the reader of a pipe, such as `head`, has seen enough
    sys.stderr.flush()
    # Everything is closed and written; taking all modules apart would be another tenth of the time.
    os._exit(code)


def _call(app: typer.Typer) -> int:
    """The exit code of the command that was asked for."""
    try:
        left = app(standalone_mode=False)
        return left if isinstance(left, int) else 0
    except USAGE_ERROR as error:
        if is_call_for_help(error):
            error.show()  # type: ignore[attr-defined]
        else:
            _print_error(explain_fault(error))
        return 2
    except typer.Abort:
        return 130
    except GraderError as error:
        _print_error(str(error))
        return 2
    except BrokenPipeError:
        return 0
    except OSError as error:
        if error.filename is None or error.strerror is None:
            raise
        _print_error(f"Cannot use {error.filename}: {error.strerror}; fix that, or choose another place")
        return 2
    except KeyboardInterrupt:
        return 130
    except SystemExit as leaving:
        if isinstance(leaving.code, int):
            return leaving.code
        return 0 if leaving.code is None else 1
    return 0


def _print_error(text: str) -> None:
    from grader.core.text import clean  # names of files are in the text

    Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]Error:[/] {escape(clean(text))}")
