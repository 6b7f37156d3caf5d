"""Programs that end in time, with all that they have started."""
import os
import pathlib
import signal
import subprocess
import threading
import time


class Missed(Exception):
    """Why a step has no result, or not all of it (`found`)."""

    def __init__(self, text, found=None, output=""):
        super().__init__(text)
        self.found = found or {}
        # What the program had printed that is the reason.
        self.output = output


class Late(Missed):
    """There was no more time."""


def words(text):
    """The last lines of what a program said, on one line."""
    return " | ".join(line.strip() for line in (text or "").strip().splitlines()[-4:])[-600:]


class Children:
    def __init__(self):
        self.lock, self.groups, self.is_over = threading.Lock(), set(), False

    def start(self, command, **options):
        """A program in a process group of its own. `stop` it."""
        with self.lock:
            if self.is_over:
                raise Missed("the check was interrupted")
            try:
                child = subprocess.Popen([str(word) for word in command], text=True, start_new_session=True, **options)
            except OSError as error:
                raise Missed(f"{command[0]}: {error.strerror}") from None
            self.groups.add(child.pid)
        return child

    def stop(self, child):
        """Kills what is left of it. The number of a group is nobody else's as long as any of it lives."""
        with self.lock:
            self.groups.discard(child.pid)
            kill_group(child.pid)
        child.wait()

    def end(self):
        """Kills all of them, and starts no more."""
        with self.lock:
            self.is_over = True
            for group in self.groups:
                kill_group(group)

    def run(self, command, deadline, environment=None, hear=None):
        """What a program prints. It is killed at the deadline, of the monotonic clock; `hear` is told of each line of its errors with
        the time."""
        name = " ".join([pathlib.Path(command[0]).name, *(str(word) for word in command[1:4])])
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late(f"{name}: no time was left for it")
        pipe = subprocess.PIPE
        child = self.start(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment)
        printed, said = [], []

        def listen(stream, lines, hear):
            with stream:
                for line in stream:
                    lines.append(line)
                    if hear:
                        hear(line, time.time())

        ears = [
            threading.Thread(target=listen, args=(child.stdout, printed, None), daemon=True),
            threading.Thread(target=listen, args=(child.stderr, said, hear), daemon=True),
        ]
        for ear in ears:
            ear.start()
        try:
            status = child.wait(left)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            self.stop(child)
        # What has left its group may hold the other end for ever.
        for ear in ears:
            ear.join(1)
        output, errors = "".join(printed), "".join(said)
        if status is None:
            raise Late(f"{name}: killed after {left:.0f} s; {words(errors)}".rstrip("; "), output=output)
        if status:
            raise Missed(f"{name}: exit {status}; {words(errors) or words(output)}".rstrip("; "), output=output)
        return output


def kill_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
