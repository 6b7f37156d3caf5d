"""Lets commands work where there is not enough room: on memory disks of every size, with few inodes, and under a limit of
the size of a file."""
import contextlib
import os
import resource
import subprocess

from . import tree
from .program import told

KIND = "disk"
STEPS = ["tile", "features", "features-network", "train", "predict", "heatmap", "report", "run"]
PAGE = 4096
# A limit of the size of files below this is refused before any work.
LEAST_FILE = 1 << 20


def cases(draws, material):
    """An endless list of steps with a way of being short of room, and how much there is."""
    ways = ["bytes", "inodes", "file"] if can_mount(material.program.work) else ["file"]
    if ways == ["file"]:
        print("disk: no memory disk can be mounted here: only limits of the size of a file are tried", flush=True)
    return endless(draws, material, ways)


def endless(draws, material, ways):
    while True:
        for name in draws.sample(STEPS, len(STEPS)):
            step = material.steps[name]
            way = draws.choice(ways)
            yield step, way, draws.choice([0, draws.random(), draws.random(), draws.uniform(0.9, 1), draws.uniform(1, 1.1), 1.1])


def run(case, material, ledger):
    step, way, share = case
    if way == "file":
        return under_limit(step, share, material.program, ledger)
    program, disk = material.program, material.program.work / "disk"
    need = step.need // PAGE if way == "bytes" else step.inodes
    # A command writes a file anew beside the one it replaces, and has things of its own in work: so much more is enough.
    room = int(need * share) + ((64 if way == "bytes" else 16) if share >= 1.1 else 0)
    runs = []
    with mounted(disk, "size=1g") as remount:
        job = disk / "job"
        tree.copy(step.before, job)
        held = os.statvfs(disk)
        if way == "bytes":
            remount(f"size={(held.f_blocks - held.f_bfree) * held.f_frsize + max(1, room) * PAGE}")
        else:
            remount(f"nr_inodes={held.f_files - held.f_ffree + room}")
        running = program.start(step.command(job))
        ended = running.end(20 + 10 * step.seconds)
        runs.append(ended)
        # Between what is left at the end and a tenth more than that, what is held for a moment decides.
        wrong = ended.faults({0} if share >= 1.1 else {75} if room < need else {0, 75})
        wrong += [f"false: {line}" for line in tree.false_finals(job, step.after)] if job.exists() else []
        wrong += [f"temporary left: {path}" for path in tree.temporaries(disk) + tree.leftovers(running.temporary)]
        remount("size=1g,nr_inodes=1m")
        wrong += made_again(step, program, job, runs)
    ledger.tell(KIND, f"{step.name} {way} {room} of {need}: {told(ended.code)}; then as ever", wrong, runs)


def under_limit(step, share, program, ledger):
    """A limit of the size of a file: a write beyond it fails as on a full quota."""
    job = program.work / "job"
    tree.copy(step.before, job)
    # The limit holds for stderr too, which is a file here.
    limit = max(4096, int(step.written * share))
    running = program.start(step.command(job), limits=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    ended = running.end(20 + 10 * step.seconds)
    runs = [ended]
    wrong = ended.faults({75} if limit < step.written else {0} if limit >= LEAST_FILE else {0, 75})
    wrong += [f"false: {line}" for line in tree.false_finals(job, step.after)] if job.exists() else []
    wrong += [f"temporary left: {path}" for path in tree.temporaries(job) + tree.leftovers(running.temporary)]
    wrong += made_again(step, program, job, runs)
    ledger.tell(KIND, f"{step.name} files of {limit} of {step.written} bytes: {told(ended.code)}; then as ever", wrong, runs)


def made_again(step, program, job, runs):
    again = program.run(step.command(job), patience=20 + 10 * step.seconds)
    runs.append(again)
    wrong = [f"with room: {line}" for line in again.faults({0})]
    if again.code == 0:
        wrong += [f"with room: {line}" for line in tree.differences(tree.contents(job), step.after)]
        wrong += [f"left behind: {path}" for path in tree.temporaries(job)]
    return wrong


def can_mount(work):
    try:
        with mounted(work / "disk", "size=64k"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextlib.contextmanager
def mounted(folder, options):
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True, stderr=subprocess.DEVNULL)
    try:
        yield lambda new: subprocess.run(["mount", "-o", f"remount,{new}", folder], check=True)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
