"""Counts what was tried, prints a line for each, and keeps what failed as a folder that tells how to see it again."""
import collections
import json
import pathlib
import shlex
import shutil
import sys


class Cases:
    def __init__(self, folder, seed, verbose=True):
        self.folder, self.seed, self.verbose = pathlib.Path(folder), seed, verbose
        self.tried, self.failed = collections.Counter(), collections.Counter()
        self.skipped, self.notes = [], []
        self.kept = 0

    def skip(self, kind, reason):
        self.skipped.append(f"{kind}: skipped: {reason}")
        print(self.skipped[-1], flush=True)

    def note(self, text):
        self.notes.append(text)
        print(text, flush=True)

    def tell(self, kind, what, wrong, ended=None, inputs=(), facts=None):
        """One case: `wrong` is a list of faults, empty where all went well."""
        self.tried[kind] += 1
        if not wrong:
            if self.verbose:
                print(f"{kind} {what}", flush=True)
            return True
        self.failed[kind] += 1
        place = self.keep(kind, what, wrong, ended, inputs, facts)
        print(f"{kind} {what}: FAILED: {'; '.join(wrong)} ({place})", flush=True)
        return False

    def keep(self, kind, what, wrong, ended, inputs, facts):
        """At most 200 cases are kept, each of at most 8 MB of inputs."""
        self.kept += 1
        if self.kept > 200:
            return "not kept: there are 200"
        place = self.folder / f"{kind}-{self.failed[kind]:03}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        story = {"case": f"{kind} {what}", "wrong": wrong, "seed": self.seed, **(facts or {})}
        runs = [] if ended is None else ended if isinstance(ended, list) else [ended]
        story["commands"] = [{"words": shlex.join(run.words), "code": run.code, "seconds": round(run.seconds, 2)} for run in runs]
        (place / "case.json").write_text(json.dumps(story, indent=1))
        for number, run in enumerate(runs):
            (place / f"stderr-{number}").write_bytes(run.errors[-100_000:])
            (place / f"stdout-{number}").write_bytes(run.output[-100_000:])
        for path in map(pathlib.Path, inputs):
            if path.is_file() and path.stat().st_size < 8e6:
                shutil.copy(path, place / path.name)
        return place

    def summary(self):
        for kind in self.tried:
            print(f"fault-test: {kind}: {self.tried[kind]} tried, {self.failed[kind]} failed")
        for line in self.skipped:
            print(f"fault-test: {line}")
        total, failed = sum(self.tried.values()), sum(self.failed.values())
        print(f"fault-test: {total} tried, {failed} failed, seed {self.seed}" + (f"; see {self.folder}" if failed else ""))
        sys.stdout.flush()
        return failed
