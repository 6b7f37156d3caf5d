"""Harm to the workflow on a cluster: scripts/cluster-test runs it.

`slurm` asks Slurm and looks for processes, `case` is a job folder with its heads, `harms` are what is done to them. Only the
standard library of Python is used.
"""
