"""Finds the system calls that a command makes after its start-up, and the ways in which strace can let one of them fail.

strace counts the calls of `inject=CALL:when=N` for each thread by itself, so number N of a call is meant in every thread that
gets so far. What belongs to the start of a process (loading its libraries) must not be hit, for no program can answer for
that. A process has started up when it first names a file below the work folder; its other threads come after. So there are
two ways to a call:

- by number, where no process that is still starting up makes that many: `write`, `fsync`, `rename`, … are reached so.
- by place, with `-P FILE`: strace then counts calls on this file only. So `openat`, `read`, `mmap`, … of every file whose name
  is the same in each run are reached, whatever the number of the libraries.

What neither reaches is told as a number: mostly `openat` and `newfstatat` of temporary names in threads, which have numbers
that the loader has too.
"""
import collections
import pathlib
import re

CALLS = """openat open read pread64 readv preadv write pwrite64 writev fsync fdatasync rename renameat renameat2 ftruncate fallocate
mkdir mkdirat unlink unlinkat rmdir fstat newfstatat statx lstat stat lseek mmap mremap munmap getdents64 access faccessat faccessat2
readlink readlinkat clone3 clone vfork execve socket socketpair connect accept4 sendto sendmsg recvfrom recvmsg pipe2 dup3 fcntl
epoll_create1 epoll_ctl eventfd2 timerfd_create close""".split()
# A failure of these is not one that a disk or a full table gives; or the kernel never lets it fail.
HARMLESS = {"munmap", "close", "fcntl", "epoll_ctl"}
LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")
FILES = re.compile(r'<([^<>]*)>|"([^"]*)"')


class Site:
    """One call that may fail: number `number` of `call`, in every thread or (with `place`) on one file."""

    def __init__(self, call, number, place=None):
        self.call, self.number, self.place = call, number, place

    def words(self, error):
        only = ["-P", self.place] if self.place else []
        return ["-e", f"trace={self.call}", "-e", f"inject={self.call}:{error}:when={self.number}", *only]

    def told(self, work):
        at = f" of {self.place.replace(f'{work}/', '')}" if self.place else ""
        return f"{self.call} {self.number}{at}"


def sites(log, work):
    """All sites that the log of `strace -f -y` shows, and how many calls after start-up none of them reaches."""
    counts, starts, leaders, places = {}, {}, set(), collections.Counter()
    order, begun = [], False
    for line in log.splitlines():
        if not (match := LINE.match(line)):
            continue
        thread, call, rest = match.groups()
        count = counts.setdefault(thread, collections.Counter())
        if call == "execve":
            leaders.add(thread)
            count.clear()  # what came before belongs to the process that started this one
            starts[thread] = None
            continue
        if call not in CALLS:
            continue
        named = [name for pair in FILES.findall(rest) for name in pair if name.startswith(f"{work}/")]
        begun = begun or bool(named)
        count[call] += 1
        if thread in leaders and starts[thread] is None and named:
            starts[thread] = count.copy()
            starts[thread][call] -= 1
        if begun and (thread not in leaders or starts[thread] is not None):
            stable = next((name for name in named if is_stable(name)), None)
            order.append((thread, call, count[call], stable))
            if stable:
                places[thread, call, stable] += 1
    by_number, by_place = {}, {}
    for (thread, call, place), number in places.items():
        for n in range(1, number + 1):
            by_place[call, n, place] = Site(call, n, place)
    loader = {call: max((starts[t] or counts[t])[call] for t in leaders) for call in CALLS}
    unreached = 0
    for thread, call, number, place in order:
        if call in HARMLESS:
            continue
        if place:
            continue
        if number > loader[call]:
            by_number[call, number] = Site(call, number)
        else:
            unreached += 1
    kept = list(by_number.values()) + [site for site in by_place.values() if site.call not in HARMLESS]
    return kept, unreached, len(order)


def is_stable(name):
    """Whether a name is the same in every run: not a temporary one, nor one with a date or a process in it."""
    path = pathlib.PurePath(name)
    return not (path.suffix == ".tmp" or path.name.startswith(".wsi-") or "audit" in path.parts or "tmp" in path.parts)
