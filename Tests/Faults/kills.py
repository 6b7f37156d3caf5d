"""Kills commands at random moments and lets them go on until they are done: the bytes must be those of a run left alone."""
import os
import pathlib
import re
import signal
import time

from . import tree
from .program import told

KIND = "kill"
SIGNALS = ["KILL", "TERM", "INT", "HUP", "QUIT", "SEGV"]
TARGETS = ["group", "leader", "child", "compute"]
# What a command ends with that handles the signal; others, and any that come before it can, are the signal itself.
HANDLED = {"HUP": 129, "INT": 130, "QUIT": 131, "TERM": 143}


def cases(draws, material):
    """An endless list of kills: a step, a victim, a signal, and moments as shares of the time that the step takes."""
    steps = [step for step in material.steps.values()]
    while True:
        draws.shuffle(steps)
        for step in steps:
            moments = [draws.uniform(0, 1.1) for _ in range(draws.choice([1, 1, 1, 2, 3]))]
            # An evaluation starts no other program.
            targets = [name for name in TARGETS if name != "compute" or step.name != "evaluate"]
            yield step, draws.choice(targets), draws.choice(SIGNALS), moments


def run(case, material, ledger):
    step, target, name, moments = case
    program, job = material.program, material.program.work / "job"
    tree.copy(step.before, job)
    wrong, runs, told_kills = [], [], []
    for moment in moments:
        # Swift's backtracer would take two seconds and then let a process go on whose SIGSEGV was only sent.
        running = program.start(step.command(job), environment={"SWIFT_BACKTRACE": "enable=no"})
        patience = 20 + 10 * step.seconds
        deadline = running.start + moment * step.seconds
        while running.wait(0) is None and time.monotonic() < deadline:
            time.sleep(min(0.02, max(0.0, deadline - time.monotonic())))
        after = time.monotonic() - running.start
        hit, ready = strike(running, target, getattr(signal, f"SIG{name}"))
        ended = running.end(patience)
        runs.append(ended)
        wrong += ended.faults(allowed(target, name, hit, ready))
        wrong += [f"left in TMPDIR: {path}" for path in tree.leftovers(running.temporary)] if name in HANDLED else []
        told_kills.append(f"{after:.2f} s{'' if hit else ' (too late)'}: {told(ended.code)}")
    wrong += [f"after the kill, {line}" for line in tree.false_finals(job, step.after)]
    again = program.run(step.command(job), patience=20 + 10 * step.seconds)
    runs.append(again)
    wrong += [f"the same command again: {line}" for line in again.faults({0})]
    if again.code == 0:
        wrong += tree.differences(tree.contents(job), step.after)
        wrong += [f"left behind: {path}" for path in tree.temporaries(job)]
        if step.name == "evaluate" and again.output != step.output:
            wrong.append("stdout differs")
    what = f"{step.name} SIG{name} {target} after {', '.join(told_kills)}; resumed, same bytes"
    ledger.tell(KIND, what, wrong, runs, facts={"step": step.name, "moments": moments})


def strike(running, target, number):
    """Sends the signal; returns whether there was someone to get it, and whether the leader could handle it already."""
    ready = handles(running.pid)
    try:
        if target == "group":
            os.killpg(running.pid, number)
        elif target == "leader":
            os.kill(running.pid, number)
        else:
            others = {pid: words for pid, words in running.processes().items() if pid != running.pid}
            if target == "compute":
                others = {pid: words for pid, words in others.items() if words.startswith("wsi-compute")}
            if not others:
                return False, ready
            os.kill(sorted(others)[running.pid % len(others)], number)
    except OSError:
        return False, ready
    return True, ready


def handles(pid):
    """Whether the program has begun to handle signals: it then catches SIGTERM or waits for it. Before, a signal just kills."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
    masks = re.findall(r"Sig(?:Ign|Cgt|Blk):\s*([0-9a-f]+)", text)
    return any(int(mask, 16) >> (signal.SIGTERM - 1) & 1 for mask in masks)


def allowed(target, name, hit, ready):
    """Exit codes that are right: the end of the signal, or 0 where the work was done when it came."""
    if not hit:
        return {0}
    number = getattr(signal, f"SIG{name}")
    if target in ("child", "compute"):
        # One worker is tried again; a lost process that is not is temporary. A slide that lost two is a failed slide.
        return {0, 3, 75}
    codes = {0}
    if name in HANDLED:
        codes.add(HANDLED[name])
    if name not in HANDLED or not ready:
        codes.add(-number)
    return codes
