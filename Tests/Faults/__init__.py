"""Tests that hurt `wsi` for hours: scripts/fault-test runs them.

One module is one idea: `program` runs a command and tells how it ended, `tree` compares folders, `material` makes what the
commands work on, `cases` counts and keeps failures; `kills`, `syscalls`, `disk`, `mutations`, `together` and `requests` are
the kinds of harm. Only the standard library of Python is used.
"""
