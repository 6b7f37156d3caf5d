"""A job folder, and the heads that are started on it."""
import collections
import os
import pathlib
import signal
import subprocess
import sys

from .slurm import PATIENCE, queue, until

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Case:
    def __init__(self, work, name):
        self.work, self.job = work, work / "jobs" / name.replace(" ", "-")
        self.marks = pathlib.Path(f"{self.job}.workflow/stopped")
        self.before, self.heads = set(queue()), []

    def command(self, *words):
        here = ROOT / "pipelines/snakemake"
        return [
            ROOT / ".deps/snakemake/bin/snakemake", "--snakefile", here / "Snakefile", "--profile", here / "profiles/slurm",
            "--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "30",
            "--configfile", self.work / "cluster.yaml", "--config", f"out={self.job}", *words,
        ]

    def head(self, *settings):
        log = open(self.work / f"{self.job.name}.head{len(self.heads) + 1}.log", "w")
        # A session of its own, so that all of it can be killed.
        self.heads.append(subprocess.Popen(
            self.command(*settings), cwd=self.work, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        ))
        return self.heads[-1]

    def end(self):
        """Leaves no head behind, whatever has happened."""
        for head in self.heads:
            if head.poll() is None:
                os.killpg(head.pid, signal.SIGKILL)
                head.wait()

    def kill(self, head):
        os.killpg(head.pid, signal.SIGKILL)
        head.wait()
        # Snakemake keeps the lock of a head that was killed.
        subprocess.run(self.command("--unlock"), cwd=self.work, check=True, capture_output=True)

    def ended(self, head):
        code = head.wait(timeout=PATIENCE)
        assert code == 0, f"the head ended with {code}"

    def given_up(self):
        """Names of the jobs that the last head has tried no more."""
        return {str(mark.relative_to(self.marks)) for mark in self.marks.rglob("*") if mark.is_file()}

    def finish(self, head):
        self.ended(head)
        # What a killed head had started ends by itself.
        until("an empty queue", lambda: not queue("PENDING,RUNNING,COMPLETING"))

    def tell(self):
        """The end of what each head said, on stderr."""
        for log in sorted(self.work.glob(f"{self.job.name}.head*.log")):
            lines = log.read_text(errors="replace").splitlines()[-30:]
            print(f"{log.name}:", *lines, sep="\n  ", file=sys.stderr, flush=True)

    def seen(self):
        """How the case's jobs ended, by Slurm's word."""
        return collections.Counter(state for number, (state, _) in queue().items() if number not in self.before)
