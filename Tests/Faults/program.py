"""Runs `wsi` as a user would, and tells how it ended."""
import os
import pathlib
import re
import shlex
import signal
import subprocess
import tempfile
import time

# Every process of one run carries this variable with a value of its own, whoever started it.
MARK = "WSI_FAULT_RUN"
PATIENCE = 20.0
ERROR = re.compile(r"wsi: error\[E_[A-Z_]+\] \S.*")
# What the Swift runtime and C++ write when they give up.
CRASH = re.compile(r"Fatal error|Swift runtime failure|terminate called|Current stack trace|\*\*\* Signal|E_BUG")


class Ended:
    """How a command ended: its exit code (minus a signal's number), what it said, whether it had to be stopped."""

    def __init__(self, words, code, output, errors, seconds, hung, survivors):
        self.words, self.code, self.output, self.errors = words, code, output, errors
        self.seconds, self.hung, self.survivors = seconds, hung, survivors

    def faults(self, allowed):
        """What is wrong with this end, one line each; `allowed` are exit codes."""
        wrong = []
        if self.hung:
            wrong.append(f"no end within {self.seconds:.0f} s")
        elif self.code not in allowed:
            wrong.append(f"{told(self.code)} where {', '.join(map(str, sorted(allowed)))} is wanted")
        if self.survivors:
            wrong.append(f"{len(self.survivors)} processes went on without it: {'; '.join(self.survivors)}")
        return wrong + self.speech_faults()

    def speech_faults(self):
        """What is wrong with stderr: crashes, lines of errors in another form, long ones, control characters."""
        wrong = []
        try:
            text = self.errors.decode()
        except UnicodeDecodeError as error:
            return [f"stderr is not UTF-8: {error}"]
        if found := CRASH.search(text):
            wrong.append(f"stderr says '{found.group()}'")
        for line in text.split("\n"):
            if len(line.encode()) >= 4096:
                wrong.append(f"a line of {len(line.encode())} bytes on stderr: {line[:80]!r}")
            if any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in line):
                wrong.append(f"control characters on stderr: {line[:160]!r}")
            if line.lower().startswith(("wsi: error", "error", "wsi-compute")) and not ERROR.fullmatch(line):
                wrong.append(f"an error in another form: {line[:160]!r}")
        if self.code in (2, 3, 4, 5, 75) and "error[E_" not in text:
            wrong.append(f"exit {self.code} without a line of an error")
        return wrong


def told(code):
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"


class Running:
    """A command that has begun."""

    def __init__(self, words, work, environment, wrapper, limits):
        self.words = [str(word) for word in words]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=work))
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.mark = self.folder.name
        variables = dict(os.environ, OMP_NUM_THREADS="1", TMPDIR=str(self.temporary), **{MARK: self.mark})
        variables.update(environment)
        self.start = time.monotonic()
        with open(self.folder / "stdout", "wb") as output, open(self.folder / "stderr", "wb") as errors:
            self.process = subprocess.Popen(
                [*map(str, wrapper), *self.words], cwd=work, env=variables, stdin=subprocess.DEVNULL, stdout=output,
                stderr=errors, start_new_session=True, preexec_fn=limits,
            )

    @property
    def pid(self):
        return self.process.pid

    def processes(self):
        """Numbers and names of all living processes of this run, its leader among them."""
        found = {}
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                if f"{MARK}={self.mark}".encode() not in pathlib.Path(f"/proc/{entry}/environ").read_bytes().split(b"\0"):
                    continue
                words = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
                found[int(entry)] = " ".join([os.path.basename(words[0].decode()), *(w.decode() for w in words[1:2])]).strip()
            except OSError:
                continue  # it ended while we looked
        return found

    def wait(self, seconds):
        """The exit code, or None where it still runs after so long."""
        try:
            return self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return None

    def end(self, patience=PATIENCE):
        """Waits for the end, stops what does not end, and looks for processes that outlive the command by 5 s."""
        code = self.wait(patience)
        hung = code is None
        seconds = time.monotonic() - self.start
        if hung:
            self.stop()
            code = self.process.wait()
        deadline = time.monotonic() + 5
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.02)
        survivors = [] if hung else list(left.values())
        self.stop()
        output, errors = (self.folder / "stdout").read_bytes(), (self.folder / "stderr").read_bytes()
        return Ended(self.words, code, output, errors, seconds, hung, survivors)

    def stop(self):
        """Kills what still carries this run's mark, and nothing else."""
        for number in self.processes():
            try:
                os.kill(number, signal.SIGKILL)
            except OSError:
                pass


class Program:
    """The programs under test, and the folder that their runs work in."""

    def __init__(self, folder, work):
        self.folder, self.work = pathlib.Path(folder).resolve(), pathlib.Path(work)
        self.wsi = self.folder / "wsi"
        self.trust = self.work / "trust.json"

    def start(self, words, environment=None, wrapper=(), limits=None):
        variables = {"WSI_TRUST_FILE": str(self.trust), **(environment or {})}
        return Running([self.wsi, *words], self.work, variables, wrapper, limits)

    def run(self, words, patience=PATIENCE, **options):
        return self.start(words, **options).end(patience)

    def must(self, words, **options):
        """A run that has to succeed: it makes material for others."""
        ended = self.run(words, patience=300, **options)
        if ended.code != 0:
            raise SystemExit(f"fault-test: {shlex.join(ended.words)}: {told(ended.code)}\n{ended.errors.decode(errors='replace')}")
        return ended
