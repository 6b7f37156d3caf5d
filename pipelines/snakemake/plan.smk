# What the head finds out before any job, and what is judged between jobs. The head asks `wsi check` once and writes PLAN_FILE,
# the input of the first jobs: where the study, its labels or its slides have changed, or the job is gone, it is written anew, all
# records go, and all jobs look again.
import contextlib
import glob
import hashlib
import json
import math
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from snakemake_interface_common.exceptions import WorkflowError

PLAN_FILE = f"{WORK}/plan.json"


def ask(*words):
    """What `wsi` prints, as JSON; the workflow ends with its own words where it refuses."""
    try:
        result = subprocess.run([WSI, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except OSError as error:
        raise WorkflowError(f"{WSI}: {error.strerror}; put wsi on PATH, or name it: --config wsi=/path/to/wsi")
    if result.returncode not in (0, 3):
        raise WorkflowError(f"wsi {words[0]} ended with {result.returncode}\n{result.stderr.strip()}")
    return json.loads(result.stdout)


def named(resolved):
    """Files and folders that the study names."""
    cohort, tiling, features = resolved["cohort"], resolved["tiling"], resolved["features"]
    encoder, folder = features.get("encoder") or "", os.path.dirname(STUDY)
    names = [cohort.get("slides"), cohort.get("labels"), features.get("path"), tiling.get("mpp_csv"), tiling.get("regions")]
    names += [encoder] if encoder.endswith(".json") else []
    names += sorted(glob.glob(os.path.join(folder, cohort["splits"]))) if cohort.get("splits") else []
    return [os.path.join(folder, name) for name in names if name]


def seen(resolved):
    """What every node has to see: each job looks for the slides of the study, also those that open none."""
    return [STUDY, *(path for path in named(resolved) if os.path.exists(path))]


def stamp(resolved):
    """Changes with the study, its tables, and names, sizes and times of its slides."""
    digest = hashlib.sha256(Path(STUDY).read_bytes())
    for path in named(resolved):
        files = [path]
        if os.path.isdir(path):
            files = sorted(os.path.join(top, name) for top, _, names in os.walk(path, followlinks=True) for name in names)
        for file in files:
            try:
                facts = os.stat(file)
                digest.update(f"{file} {facts.st_size} {facts.st_mtime_ns}\n".encode(errors="surrogateescape"))
            except OSError:
                digest.update(f"{file} gone\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def encoder_name(resolved):
    """As stages are called by it."""
    encoder = resolved["features"].get("encoder") or ""
    return json.loads(Path(os.path.dirname(STUDY), encoder).read_text())["name"] if encoder.endswith(".json") else encoder


def shards(slides):
    number = config.get("shards") or math.ceil(slides / config["slides_per_job"])
    return min(max(1, int(number)), 100_000)


def plan():
    """Jobs read what their head wrote."""
    if not workflow.is_main_process:
        if not os.path.isfile(PLAN_FILE):
            sys.exit(f"error: {socket.gethostname()} does not see {PLAN_FILE}, which the head wrote: is its disk there?")
        return json.loads(Path(PLAN_FILE).read_text())
    try:
        return plan_of_head()
    except WorkflowError as error:
        # One line, as wsi does, and not the lines of this file.
        sys.exit(f"error: {error}")


def plan_of_head():
    check_config()
    renew_marks()
    resolved = ask("config", "--show", STUDY)
    before = json.loads(Path(PLAN_FILE).read_text()) if os.path.isfile(PLAN_FILE) else {}
    now = {"stamp": stamp(resolved), "seen": seen(resolved)}
    now |= {"slides_per_job": config["slides_per_job"], "wanted": config.get("shards")}
    if os.path.isdir(JOB) and all(before.get(key) == value for key, value in now.items()):
        return before
    found = ask("check", "--config", STUDY, "--json")
    for note in found["notes"]:
        print(note, file=sys.stderr)
    outputs = resolved["heatmap"]["outputs"] if resolved["cohort"].get("slides") else []
    now |= {
        "slides": found["slides"],
        "ids": found["slide_ids"],
        "shards": shards(found["slides"]),
        "folds": [fold["fold"] for fold in found["folds"]],
        "seeds": resolved["training"].get("seeds") or [None],
        "features": f"features_{encoder_name(resolved)}",
        "tiles": not resolved["features"].get("path"),
        "pictures": (["heatmap"] if set(outputs) - {"report"} else []) + (["report"] if "report" in outputs else []),
    }
    # What is looked at beside a head that runs, as by -n, must not change what its jobs read.
    if before and is_locked():
        return before
    if workflow.output_settings.dryrun and before:
        print("the study, its tables or its slides have changed: a head would look at every job again", file=sys.stderr)
        return now
    # A job that fails loses its record, and Snakemake asks for it no more where the records of what follows are there.
    shutil.rmtree(Path(WORK, "records"), ignore_errors=True)
    os.makedirs(WORK, exist_ok=True)
    temporary = f"{PLAN_FILE}.{os.getpid()}.tmp"
    Path(temporary).write_text(json.dumps(now, indent=1) + "\n")
    os.replace(temporary, PLAN_FILE)
    return now


def is_locked():
    return any(Path(WORK, ".snakemake/locks").glob("*"))


def check_config():
    def wrong(text):
        raise WorkflowError(f"config.yaml, or --config: {text}")

    if not (isinstance(config["slides_per_job"], int) and config["slides_per_job"] > 0):
        wrong("slides_per_job: a whole number above 0 is wanted")
    if config.get("shards") is not None and not (isinstance(config["shards"], int) and 1 <= config["shards"] <= 100_000):
        wrong("shards: 1 to 100000 are allowed")
    if not (isinstance(config["max_failed"], (int, float)) and 0 <= config["max_failed"] <= 1):
        wrong("max_failed: a share of the slides is wanted, 0 to 1")
    if not os.path.isfile(STUDY):
        wrong(f"study: there is no file {STUDY}")
    if os.path.commonpath([WORK, JOB]) == JOB:
        wrong(f"work: {WORK} lies in the job {JOB}; name a folder outside of it")


def status():
    return {stage["name"]: stage for stage in ask("status", JOB, "--json")["stages"]}


def check_failures(file):
    """Ends the workflow where slides are without tiles, or more than max_failed of them have failed in tile and features."""
    failed, total = 0, PLAN["slides"]
    if PLAN["tiles"]:
        stages = status()
        failed = sum(stages[name]["failed"] for name in ("tile", PLAN["features"]) if name in stages)
        unseen = [slide for slide in PLAN["ids"] if not Path(JOB, "outcomes/tile", f"{slide}.json").is_file()]
        if unseen:
            shutil.rmtree(Path(WORK, "records"))
            give_up(
                f"{len(unseen)} of {total} slides ({', '.join(unseen[:3])}{', …' * (len(unseen) > 3)}), which this machine sees, were not there for the jobs that should have tiled them: "
                "is their disk mounted on every node? Start Snakemake again, and all shards are looked at once more"
            )
    if total and failed > config["max_failed"] * total:
        give_up(
            f"{failed} of {total} slides have failed, more than max_failed={config['max_failed']}: see wsi status {JOB}; "
            "mend the slides, or go on with --config max_failed=SHARE"
        )
    Path(file).write_text(f"{failed} of {total} slides failed\n")


def give_up(text):
    # Said at the end once more, below what Snakemake says.
    Path(WORK, "stopped").mkdir(exist_ok=True)
    Path(WORK, "stopped/cohort").write_text(f"stopped: {text}\n")
    raise WorkflowError(text)


def summarise(records, file):
    """The job's counts, and what failed."""
    lines = subprocess.run([WSI, "status", JOB], check=True, stdout=subprocess.PIPE, text=True).stdout
    Path(file).write_text(lines)
    print(lines, file=sys.stderr)


def marks():
    """What jobs have left that were given up, or whose last attempt has failed."""
    files = [file for name in ("stopped", "retried") for file in sorted(Path(WORK, name).rglob("*"))]
    return [file for file in files if file.is_file() and file.suffix != ".tmp"]


def tell_marks():
    """Each with its reason."""
    for mark in marks():
        # One may go meanwhile.
        with contextlib.suppress(FileNotFoundError):
            print(mark.read_text().strip() + "\n", file=sys.stderr)


def renew_marks():
    """Jobs that an earlier head gave up are tried again by a new one: somebody has looked in between."""
    if workflow.output_settings.dryrun or is_locked():
        tell_marks()
        return
    for mark in marks():
        print(f"tried again: {'/'.join(mark.relative_to(WORK).parts[1:])}", file=sys.stderr)
        mark.unlink(missing_ok=True)
