"""Lets single system calls fail, of every call that a command makes after its start-up, with strace."""
import re
import shutil
import subprocess

from . import tree
from .program import told
from .trace import CALLS, sites

KIND = "syscall"
STRACE = ["strace", "-f", "-qq", "--seccomp-bpf"]
STEPS = ["tile", "features", "features-network", "train", "predict", "heatmap"]
# What the kernel may answer to each call on a full, failing, remote or forbidden disk and with full tables.
DISK, REMOTE, TABLES, RIGHTS = ["ENOSPC", "EDQUOT", "EIO"], ["ESTALE", "ETIMEDOUT"], ["EMFILE", "ENFILE", "ENOMEM"], ["EACCES", "EPERM"]
OPEN, READ = DISK + REMOTE + TABLES + RIGHTS + ["EINTR"], ["EIO", *REMOTE, "EINTR", "EAGAIN", "ENOMEM"]
WRITE, NAME = DISK + REMOTE + ["EINTR", "EAGAIN", "EPERM"], DISK + REMOTE + RIGHTS + ["ENOMEM"]
LOOK, TALK = ["EIO", *REMOTE, "EACCES", "ENOMEM"], ["ENOMEM", "ENOBUFS", "EINTR", "EAGAIN", "ECONNREFUSED"]
ANSWERS = {
    **dict.fromkeys(["openat", "open"], OPEN),
    **dict.fromkeys(["read", "pread64", "readv", "preadv"], READ),
    **dict.fromkeys(["write", "pwrite64", "writev", "ftruncate", "fallocate"], WRITE),
    **dict.fromkeys(["fsync", "fdatasync"], DISK + REMOTE),
    **dict.fromkeys(["rename", "renameat", "renameat2", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir"], NAME),
    **dict.fromkeys(["getdents64", "lseek"], ["EIO", *REMOTE]),
    **dict.fromkeys(["connect", "accept4", "sendto", "sendmsg", "recvfrom", "recvmsg"], TALK),
    **dict.fromkeys(["socket", "socketpair", "dup3", "timerfd_create"], TABLES),
    # libdispatch stops the process where it gets no queue or event, and swift-subprocess where one of a child's pipes is refused and
    # another was made: a program cannot answer for that, only see before that there are descriptors enough, as `wsi` does.
    **dict.fromkeys(["epoll_create1", "eventfd2", "pipe2"], []),
    **dict.fromkeys(["clone3", "clone", "vfork", "mmap", "mremap"], ["ENOMEM", "EAGAIN"]),
}
# What a pipe, a socket or an event answers is not what a disk answers: of these only an interruption is judged.
NO_FILE, EVERYWHERE = re.compile(r"^\d+ +\w+\(\d+<(?:pipe|socket|UNIX|anon_inode)", re.MULTILINE), {"EINTR"}
# Where strace lets a call answer "nothing" without doing it, that is an end of file or a short count.
DATA = {"read", "pread64", "write", "pwrite64", "readv", "preadv", "writev", "recvfrom"}


def cases(draws, material):
    """Every site of every step with every answer, in an order drawn by the seed; a reason where strace cannot be used."""
    if not shutil.which("strace"):
        return "strace is not installed"
    if subprocess.run([*STRACE, "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL).returncode:
        return "strace may not trace here (ptrace is not permitted)"
    return drawn(draws, material)


def drawn(draws, material):
    """Steps and calls take turns, so that a sample sees all of them: mkdir is as likely as read, which is made more often."""
    decks = {}
    for name in STEPS:
        step = material.steps[name]
        found, unreached, calls = sites(traced(step, material.program), str(material.program.work))
        deck = {}
        found = [site for site in found if answers(site.call)]
        for site in found:
            deck.setdefault(site.call, []).extend((step, site, error) for error in answers(site.call))
        for listed in deck.values():
            draws.shuffle(listed)
        decks[name] = deck
        print(f"syscall {name}: {calls} calls after start-up, {len(found)} sites, {sum(map(len, deck.values()))} cases; "
              f"{unreached} calls are not reached alone", flush=True)
    while any(decks.values()):
        for name, deck in decks.items():
            if not deck:
                continue
            call = draws.choice(sorted(deck))
            yield deck[call].pop()
            if not deck[call]:
                del deck[call]


def answers(call):
    return [f"error={name}" for name in ANSWERS.get(call, LOOK)] + (["retval=0"] if call in DATA else [])


def traced(step, program):
    log, job = program.work / "strace.log", program.work / "job"
    tree.copy(step.before, job)
    program.must(step.command(job), wrapper=[*STRACE, "-y", "-s", "0", "-o", log, "-e", f"trace=execve,{known()}"])
    return log.read_text(errors="replace")


def known():
    """The calls that this machine's strace knows; names differ between processors."""
    names = [c for c in CALLS if not subprocess.run(["strace", "-e", f"trace={c}", "-V"], capture_output=True).returncode]
    return ",".join(names)


def run(case, material, ledger):
    step, site, answer = case
    program, job = material.program, material.program.work / "job"
    log = program.work / "strace.log"
    tree.copy(step.before, job)
    running = program.start(step.command(job), wrapper=[*STRACE, "-y", "-o", log, *site.words(answer)])
    ended = running.end(20 + 10 * step.seconds)
    hits = [line for line in log.read_text(errors="replace").splitlines() if "INJECTED" in line]
    elsewhere = [line for line in hits if NO_FILE.match(line) or "resumed>" in line] if site.call in DATA else []
    what = f"{step.name} {site.told(program.work)} {answer.removeprefix('error=')}"
    if not hits and ended.code == 0:
        return ledger.tell(KIND, f"{what}: not reached in this run", [])
    wrong = ended.faults(allowed(answer)) if not elsewhere or answer.removeprefix("error=") in EVERYWHERE else []
    wrong += [f"false: {line}" for line in tree.false_finals(job, step.after)]
    if ended.code == 0:
        wrong += [f"ended well, but {line}" for line in tree.differences(tree.contents(job), step.after)]
    if not site.call.startswith("unlink") and not ended.hung and ended.code >= 0:
        wrong += [f"temporary left: {path}" for path in tree.temporaries(job) + tree.leftovers(running.temporary)]
    again = program.run(step.command(job), patience=20 + 10 * step.seconds)
    wrong += [f"the same command again: {line}" for line in again.faults({0})]
    if again.code == 0:
        wrong += [f"made again: {line}" for line in tree.differences(tree.contents(job), step.after)]
        wrong += [f"left behind: {path}" for path in tree.temporaries(job)]
    facts = {"strace": " ".join(site.words(answer))}
    ledger.tell(KIND, f"{what}: {told(ended.code)}; then as ever", wrong, [ended, again], [log], facts)


def allowed(answer):
    """0 where the call does not matter or is made again, 75 where the machine failed; a file that may not be read is the user's to
    mend (2), as that of one slide (3). A read that ends early says of a file that it is damaged."""
    if answer == "retval=0":
        return {0, 2, 3, 4, 75}
    return {0, 75} | ({2, 3} if answer.removeprefix("error=") in RIGHTS else set())
