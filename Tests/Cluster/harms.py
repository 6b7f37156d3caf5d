"""What is done to heads, jobs, nodes and processes. Each function runs a case to its end and says what it did."""
import json
import os
import signal
import subprocess
import time

from .slurm import PATIENCE, descendants, process, queue, running, slurm, until


def clean(case):
    case.finish(case.head())
    return "nothing was done to it"


def killed_head(case, *rules):
    for rule in rules:
        head = case.head()
        until(f"a job of {rule}", lambda: running(rule))
        case.kill(head)
    case.finish(case.head())
    return f"kill -9 of the head at {' and at '.join(rules)}"


def orphan(case):
    """A job of a killed head that stands still until the next head has done everything, and then writes."""
    head = case.head()
    number = until("a wsi of a fold", lambda: process("train", "--fold", str(case.job)), pause=0.01)
    family = [number, *descendants(number)]
    for one in family:
        os.kill(one, signal.SIGSTOP)
    case.kill(head)
    try:
        case.ended(case.head())
    finally:
        for one in family:
            os.kill(one, signal.SIGCONT)
    until("an empty queue", lambda: not queue("PENDING,RUNNING,COMPLETING"))
    return "kill -9 of the head at fold, one of whose jobs went on after the next head's end"


def requeued(case):
    head = case.head()
    number = until("a job of features", lambda: running("features"))
    slurm("scontrol", "requeue", number)
    until("its place in the queue", lambda: number in queue("PENDING"), 60)
    slurm("scontrol", "update", f"JobId={number}", "StartTime=now")
    case.finish(head)
    return f"scontrol requeue of job {number}, features"


def node(state):
    slurm("scontrol", "update", "NodeName=node1", f"State={state}", "Reason=cluster-test")


def resume():
    # A node that is down comes back by itself once its daemon reports, and is then refused.
    subprocess.run(["scontrol", "update", "NodeName=node1", "State=resume"], stderr=subprocess.DEVNULL)


def drained(case):
    head = case.head()
    until("a job of features", lambda: running("features"))
    node("drain")
    try:
        case.finish(head)
    finally:
        resume()
    return "node1 drained at features"


def lost_node(case):
    head = case.head()
    number = until("a job of features on node1", lambda: next(
        (n for n, job in queue("RUNNING").items() if job[1].startswith("rule_features")
         and slurm("squeue", "-h", "-j", n, "-o", "%N").strip() == "node1"), None))
    node("down")
    time.sleep(2)
    resume()
    until("a job that was taken off its node", lambda: queue().get(number, ("",))[0] not in ("RUNNING", "COMPLETING"), 60)
    if number in queue("PENDING"):
        slurm("scontrol", "update", f"JobId={number}", "StartTime=now")
    case.finish(head)
    return f"node1 set down under job {number}, features"


def restart(case, *words):
    """The daemon of node1, by way of these words."""
    folder = case.work / "slurm"
    number = int((folder / "slurmd.node1.pid").read_text())
    os.kill(number, signal.SIGTERM)
    until("the end of a slurmd", lambda: not os.path.exists(f"/proc/{number}"), 60)
    subprocess.run([*words, "slurmd", "-N", "node1"], env=os.environ | {"SLURM_CONF": folder / "slurm.conf"}, check=True)


def blind_node(case):
    restart(case, "unshare", "--mount", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', case.work / "sample/slides")
    try:
        head = case.head()
        # Its jobs end at once, so that it may get every attempt.
        if ended := head.wait(timeout=PATIENCE):
            assert not case.given_up(), f"given up: {case.given_up()}"
            node("drain")
            head = case.head()
        case.finish(head)
        assert case.seen()["FAILED"], "node1 got no job that reads slides"
    finally:
        restart(case)
        resume()
    return "node1 without the slides" + (", then drained, and another head" if ended else "")


def changed_study(case):
    study = json.loads((case.work / "study.json").read_text())
    study["training"]["epochs"] += 1
    (case.work / "other.json").write_text(json.dumps(study))
    case.finish(case.head("study=other.json"))
    assert case.head().wait(timeout=PATIENCE), "folds of another study were not refused"
    assert {os.path.dirname(name) for name in case.given_up()} == {"train"}, f"given up: {case.given_up()}"
    case.finish(case.head("redo=true"))
    return "another number of epochs, refused, then redo=true"


def killed_process(case):
    head = case.head()
    number = until("a wsi of features", lambda: process("features", str(case.job)), pause=0.01)
    before = case.seen()["FAILED"]
    os.kill(number, signal.SIGKILL)
    case.finish(head)
    assert case.seen()["FAILED"] > before, "no job of Slurm failed"
    return "kill -9 of a shard's wsi, features"


def overdue(case):
    head = case.head()
    # A process that stands still is over its two minutes; Slurm ends it, and the next attempt has four.
    number = until("a wsi of features", lambda: process("features", str(case.job)), pause=0.01)
    os.kill(number, signal.SIGSTOP)
    case.finish(head)
    assert case.seen()["TIMEOUT"], "no job of Slurm was over its time"
    return "a shard's wsi stopped until Slurm's limit of two minutes, features"


CASES = {
    "clean": clean,
    "head killed": lambda case: killed_head(case, "features"),
    "head killed twice": lambda case: killed_head(case, "tile", "fold"),
    "job orphaned": orphan,
    "job requeued": requeued,
    "node drained": drained,
    "node lost": lost_node,
    "node without slides": blind_node,
    "study changed": changed_study,
    "process killed": killed_process,
    "over its time": overdue,
}
