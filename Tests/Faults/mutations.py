"""Damages one file that a command reads; it must say so in its words, or end with what it would have made."""
import pathlib

from . import tree
from .mutate import mutation
from .program import told
from .targets import targets

KIND = "mutation"
CODES = {0, 2, 3, 4, 5}


def cases(draws, material):
    """Every target in turn, each time with other damage; endless."""
    found = targets(material)
    clean = {}
    return endless(draws, found, clean)


def endless(draws, found, clean):
    while True:
        for target in draws.sample(found, len(found)):
            data = (target.folder / target.file).read_bytes()
            made, how = mutation(draws, data, target.is_text)
            while made == data:
                made, how = mutation(draws, data, target.is_text)
            yield target, made, how, clean


def run(case, material, ledger):
    target, data, how, clean = case
    program = material.program
    here = program.work / "here"
    if not target.is_free and target.name not in clean:
        clean[target.name] = harmless(target, material, here)
    prepare(target, material, here)
    (here / target.file).write_bytes(data)
    ended = program.run(words(target, here), patience=20 + 10 * 2)
    wrong = ended.faults(CODES)
    if ended.code == 0 and not target.is_free:
        wanted, output = clean[target.name]
        found = tree.contents(here)
        if not owns(target.words[0], target.file):
            found[target.file] = wanted[target.file]
        wrong += tree.differences(found, wanted)
        if output is not None and ended.output != output:
            wrong.append("ended well with another result on stdout")
    wrong += [f"temporary left: {path}" for path in tree.temporaries(here)]
    ledger.tell(KIND, f"{target.name} {target.file} {how}: {told(ended.code)}", wrong, ended, [here / target.file])


def harmless(target, material, here):
    """What the command leaves and prints where nothing was damaged."""
    prepare(target, material, here)
    ended = material.program.must(words(target, here))
    return tree.contents(here), ended.output if "--json" in target.words else None


def owns(command, file):
    """Whether the command makes the file, and so has to make it again; what another stage made it leaves as it is."""
    made = {"tile": ("patches/", "outcomes/tile/"), "features": ("features_", ), "train": ("training/", "outcomes/train_")}
    return any(part in file for part in made.get(command, ()))


def prepare(target, material, here):
    tree.copy(target.folder, here)
    if any("HERE/job" in str(word) for word in target.words):
        tree.copy(material.steps["features"].before, here / "job")


def words(target, here):
    return [str(word).replace("HERE", str(here)) for word in target.words]
