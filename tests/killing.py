"""Processes that are killed in the middle of their work."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

from django.db import connections


def killed_after(lines, watched, work, *args):
    """Do the work in a process that is killed at that line of the files below ``watched``.

    Whether it got to its end before. Its connections to the databases are its own.
    """
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(
        target=_run, args=(lines, watched, work, args)
    )
    process.start()
    process.join(20)
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode == 0


def _run(left, watched, work, args):
    ours = f"{Path(__file__).parents[1]}/{watched}"

    def trace(frame, event, argument):
        return count if frame.f_code.co_filename.startswith(ours) else None

    def count(frame, event, argument):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return count

    sys.settrace(trace)
    work(*args)
    sys.settrace(None)
    connections.close_all()
