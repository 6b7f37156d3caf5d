"""What the commands work on, each with the tree of bytes that a run without harm leaves."""
import dataclasses
import json
import pathlib
import shutil
import time

from . import encoder, tree

MODEL = "acmil"


@dataclasses.dataclass
class Step:
    """A command that turns the job folder `before` (None: there is none) into one with the contents `after`."""

    name: str
    words: list  # "JOB" stands for the job folder
    before: pathlib.Path
    after: dict
    output: bytes
    seconds: float
    need: int  # bytes on a disk of pages, more than before
    inodes: int  # files and folders, more than before
    written: int  # bytes of the largest file that was written

    def command(self, job):
        return [str(word).replace("JOB", str(job)) for word in self.words]


class Material:
    """Eight sample slides, a trained job on them, and a small job of `few` of them for the commands that read slides."""

    def __init__(self, program, seed, few=1):
        self.program, self.folder = program, program.work / "material"
        self.folder.mkdir()
        self.steps = {}
        made = self.folder / "sample"
        program.must(["sample", made, "--slides", 8, "--side", 2048, "--seed", seed, "--quiet"])
        self.slides, self.labels, self.annotations = made / "slides", made / "labels.csv", made / "annotations"
        self.encoder = encoder.write(self.folder / "tiny")
        self.script = encoder.write_script(self.folder / "script")
        self.study = self.folder / "study.json"
        self.study.write_text(json.dumps(self.config()))
        self.list = self.folder / "few.csv"
        names = sorted(path.name for path in self.slides.glob("*.svs"))
        self.list.write_text("wsi\n" + "".join(f"sample/slides/{name}\n" for name in names[:few]))

        self.trained = self.add("run", ["run", "--config", self.study, "--out", "JOB", "--quiet"], None)
        untrained = self.trained.with_name("untrained")
        tree.copy(self.trained, untrained)
        later = [f"outcomes/{stage}_{MODEL}" for stage in ("train", "evaluate", "predict", "heatmap")]
        for name in ["training", "predictions", "heatmaps", *later]:
            shutil.rmtree(untrained / name, ignore_errors=True)
        self.add("train", ["train", "--config", self.study, "--out", "JOB", "--quiet"], untrained)
        words = ["evaluate", "JOB", "--model", MODEL, "--annotations", self.annotations, "--controls", "--json"]
        self.add("evaluate", [*words, "--report", "JOB/page.html"], self.trained)

        tiled = self.add("tile", ["tile", "--list", self.list, "--out", "JOB", "--quiet"], None)
        textured = self.add("features", ["features", "JOB", "--encoder", "he-texture-v1", "--quiet"], tiled)
        words = ["features", "JOB", "--encoder", self.encoder, "--precision", "fp32", "--quiet"]
        self.add("features-network", words, tiled)
        words = ["predict", "JOB", "--model", self.trained / "training" / MODEL, "--quiet"]
        self.predicted = self.add("predict", words, textured)
        words = ["heatmap", "JOB", "--model", MODEL, "--tiles", "--panel", "--geojson", "--values", "--quiet"]
        self.drawn = self.add("heatmap", words, self.predicted)
        self.add("report", ["report", "JOB", "--model", MODEL, "--quiet"], self.predicted)

    def config(self, **sections):
        plain = {
            "name": MODEL,
            "cohort": {"slides": str(self.slides), "labels": str(self.labels), "folds": 2, "val_fraction": 0.3},
            "model": {"kind": "acmil"}, "training": {"epochs": 3},
        }
        return {**plain, **sections}

    def add(self, name, words, before):
        """Runs the command without harm and keeps what it leaves; returns the folder."""
        job = self.folder / f"after-{name}"
        tree.copy(before, job)
        held, files, old = (tree.size(job), tree.count(job), tree.contents(job)) if before else (0, 0, {})
        step = Step(name, words, before, {}, b"", 0, 0, 0, 0)
        start = time.monotonic()
        step.output = self.program.must(step.command(job)).output
        step.seconds = time.monotonic() - start
        step.after, step.need, step.inodes = tree.contents(job), tree.size(job) - held, tree.count(job) - files
        step.written = max(size for path, size in tree.sizes(job).items() if step.after.get(path) != old.get(path))
        self.steps[name] = step
        return job
