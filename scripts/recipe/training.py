"""Studies, `wsi train`, and what it leaves: figures, tables and times."""
import csv
import json
import os
import pathlib
import subprocess
import time

from recipe import bags


class Lab:
    """Where trainings are run: every part has a folder of its own."""

    def __init__(self, program, work, workers, goals, tiny=False):
        self.program, self.work, self.workers, self.goals, self.tiny = program, work, workers, goals, tiny

    def folder(self, name, request, make):
        """The folder of a part; `make` fills it unless that was done with the same request before."""
        folder = self.work / name
        mark = folder / "made.json"
        text = json.dumps(request, sort_keys=True)
        if mark.is_file():
            if mark.read_text() != text:
                raise SystemExit(f"recipe-test: error: {folder} holds bags of another request; name another folder, or remove it")
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)
        mark.write_text(text)
        return folder

    def train(self, folder, name, cohort, model, training=None, features="bags.safetensors"):
        """Trains what is not trained yet. A training that does not end well is a goal that is missed, and None."""
        training = {"plan": "auto", "device": "cpu"} | (training or {})
        if self.tiny:
            training["epochs"], training["warmup_epochs"] = 2, 0
        study = {"name": name, "cohort": cohort, "features": {"path": features}, "model": model, "training": training}
        path = folder / f"{name}.json"
        path.write_text(json.dumps(study, indent=1) + "\n")
        command = [self.program, "train", "--config", path, "--out", folder / "job", "--workers", str(self.workers), "--quiet"]
        start = time.monotonic()
        # On one thread each, as many folds as there are workers.
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            said = " ".join(done.stderr.split())[-400:]
            self.goals.add(folder.name, f"{name}: trained", f"ended with {done.returncode}: {said}", "exit code 0", False)
            return None
        print(f"  {name}: {time.monotonic() - start:.0f} s", flush=True)
        return Trained(folder / "job", name)


class Trained:
    """What `wsi train` left of a training, of one seed or several."""

    def __init__(self, job, name):
        self.job, self.folder = job, job / "training" / name
        self.name = name
        self.metrics = json.loads((self.folder / "metrics.json").read_text())

    def figures(self, metric):
        """Of each seed, all test parts pooled."""
        runs = self.metrics.get("seeds") or [self.metrics]
        return [run["pooled"][metric]["value"] for run in runs]

    def estimate(self, metric):
        """Value and interval: of one seed its own, of several those of their mean answer."""
        report = self.metrics.get("averaged") or self.metrics["pooled"]
        return report[metric]["value"], report[metric]["interval"]

    def baseline(self, name, metric):
        fits = {fit["baseline"]: fit for fit in self.metrics.get("baselines") or []}
        return fits[name]["pooled"][metric]["value"]

    def tables(self):
        """Of each seed, of each fold, the rows of `predictions.csv`."""
        seeds = [self.folder / f"seed_{run['seed']}" for run in self.metrics.get("seeds", [])] or [self.folder]
        return [[rows(fold / "predictions.csv") for fold in sorted(seed.glob("fold_*"), key=number)] for seed in seeds]

    def seconds(self):
        """Of learning and of the baselines, as the records of the job's runs tell them; None where they do not."""
        found = []
        for path in (self.job / "audit/runs").glob("*.json"):
            record = json.loads(path.read_text())
            if record["stages"] == [f"train_{self.name}"]:
                found.append((record.get("throughput") or {}).get("times") or {})
        if not any("learn" in times for times in found):
            return None
        return sum(times.get("learn", 0.0) for times in found), sum(times.get("baselines", 0.0) for times in found)


def number(folder):
    return int(folder.name.split("_")[1])


def rows(path):
    """A quote mark before a cell keeps spreadsheets from taking it for a formula."""
    with open(path, newline="") as file:
        return [{key: cell.removeprefix("'") for key, cell in row.items()} for row in csv.DictReader(file)]


def write_table(path, header, lines):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header, *lines])


def write_classes(folder, made):
    """Bags of two classes with their split."""
    bags.write(folder / "bags.safetensors", made.bags)
    lines = [(name, name, "tumor" if label else "normal") for name, label in zip(made.ids, made.labels)]
    write_table(folder / "labels.csv", ["slide_id", "case_id", "label"], lines)
    write_table(folder / "split.csv", ["slide_id", "split"], zip(made.ids, made.parts))


def shared(program_root):
    """The folder of data outside the repository, as the tests look for it."""
    return pathlib.Path(os.environ.get("WSI_SHARED_DIR", program_root.parent / "shared"))
