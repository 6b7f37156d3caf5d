"""Eight equal commands at once on one job: all must end well, and the tree must be that of one.

A whole run may say instead that another one is at work (75, E_BUSY); one of them must end well.
"""
import time

from . import tree

KIND = "together"
COUNT = 8


def cases(draws, material):
    while True:
        for step in draws.sample(list(material.steps.values()), len(material.steps)):
            yield step, [draws.uniform(0, draws.choice([0, 0.3, 1])) for _ in range(COUNT)]


def run(case, material, ledger):
    step, moments = case
    program, job = material.program, material.program.work / "job"
    tree.copy(step.before, job)
    runs = []
    start = time.monotonic()
    for moment in sorted(moments):
        time.sleep(max(0.0, start + moment * step.seconds - time.monotonic()))
        runs.append(program.start(step.command(job)))
    ends = [running.end(20 + 20 * COUNT * step.seconds) for running in runs]
    wrong = [line for ended in ends for line in ended.faults({0, 75} if b"error[E_BUSY]" in ended.errors else {0})]
    if all(ended.code != 0 for ended in ends):
        wrong.append("none of them ended well")
    wrong += tree.differences(tree.contents(job), step.after)
    wrong += [f"left behind: {path}" for path in tree.temporaries(job)]
    wrong += [f"left in TMPDIR: {path}" for running in runs for path in tree.leftovers(running.temporary)]
    ledger.tell(KIND, f"{step.name} by {COUNT} processes: same bytes", list(dict.fromkeys(wrong)), ends)
