"""The programs, the Python and the folder that the steps work with."""
import copy
import json
import os
import pathlib
import shutil
import sys

from .children import Missed, words

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUNDLE = ROOT / "artefacts/gpu-bundle"
PEERS = ROOT / "Benchmarks/peers"


class Lab:
    """All that the steps share; `until` gives one step its deadline."""

    def __init__(self, device, tiny, python, folder, children, record, deadline):
        self.device, self.tiny, self.folder = device, tiny, folder
        self.children, self.record, self.deadline = children, record, deadline
        self.wanted_python, self.python = python, None
        # Of nvidia-smi.
        self.gpu = None
        self.environment = dict(os.environ)
        # What is killed leaves its files where they are removed.
        scratch = folder / "tmp"
        scratch.mkdir()
        self.environment["TMPDIR"] = str(scratch)
        self.bundle = folder / "programs"
        if (BUNDLE / "unpack").exists():
            self.run(BUNDLE / "unpack", self.bundle)
        self.wsi, self.bench_train = self.program("wsi"), self.program("bench-train")
        places = [self.bundle / "lib/wsi", ROOT / ".deps/openslide/lib"]
        libraries = [library for place in places for library in sorted(place.glob("libopenslide.so*"))]
        if libraries:
            self.environment.setdefault("OPENSLIDE_LIBRARY", str(libraries[0]))

    def program(self, name):
        """One that the environment names, one of the bundle, or else one of the release build."""
        named = os.environ.get(name.upper().replace("-", "_"))
        places = [pathlib.Path(named)] if named else [self.bundle / "bin" / name, ROOT / ".build/release" / name]
        return next((path for path in places if path.is_file()), None)

    @property
    def has_bundle(self):
        return self.wsi is not None and self.bundle in self.wsi.parents

    def until(self, deadline):
        lab = copy.copy(self)
        lab.shared, lab.deadline = self, deadline
        return lab

    def run(self, *command, hear=None):
        return self.children.run(command, self.deadline, self.environment, hear)

    def pythons(self):
        own = ROOT / ".deps/bench/bin/python"
        if self.wanted_python:
            # bench-train starts it by its path.
            return [shutil.which(self.wanted_python) or self.wanted_python]
        return ([own] if own.exists() else []) + [sys.executable]

    def use(self, python, torch_folder, gpu):
        """Has the peers of all steps run by this Python, and the bundle's programs use its LibTorch."""
        self.shared.python, self.shared.gpu = python, gpu
        self.python, self.gpu = python, gpu
        if not self.has_bundle:
            return
        self.environment.setdefault("WSI_LIBTORCH", torch_folder)
        wheels, site = sorted((BUNDLE / "wheels").glob("*.whl")), self.folder / "site"
        try:
            if wheels:
                self.run(python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", site, *wheels)
                self.environment["PYTHONPATH"] = f"{site}:{self.environment.get('PYTHONPATH', '')}"
        except Missed:
            # Without them the peer reads by libopenslide itself.
            pass

    def json_of(self, *command, hear=None):
        """The JSON that `wsi` prints."""
        output = self.run(self.wsi, *command, hear=hear)
        try:
            return json.loads(output[output.index("{") :])
        except ValueError:
            raise Missed(f"no JSON: {words(output)}") from None

    def python_json(self, program, *arguments, by=None):
        """The JSON on the last line that a Python program, or any other one (`by` none), prints."""
        python = by or self.python
        if python is None:
            raise Missed("no Python with PyTorch; name one with --python, or run make bench-setup")
        return last_line(self.run(python, program, *arguments))

    def peer(self, *arguments, by=None):
        return self.python_json(PEERS / "loader.py", *arguments, by=by)


def last_line(output):
    try:
        return json.loads(output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise Missed(f"no JSON: {words(output)}") from None
