# What the head finds out before any job, and what is judged between jobs. The head asks `wsi check` once and writes PLAN_FILE,
# the input of the first jobs: where the study, its labels or its slides have changed it is written anew, and all jobs look again.
import contextlib
import glob
import hashlib
import json
import math
import re
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


def stamp(resolved):
    """Changes with the study, its tables, and names, sizes and times of its slides."""
    folder, digest = os.path.dirname(STUDY), hashlib.sha256(Path(STUDY).read_bytes())
    named = [resolved["cohort"].get(key) for key in ("labels", "slides")]
    named += [resolved["features"].get("path"), resolved["tiling"].get("mpp_csv"), resolved["tiling"].get("regions")]
    encoder = resolved["features"].get("encoder") or ""
    named += [encoder] if encoder.endswith(".json") else []
    named += sorted(glob.glob(os.path.join(folder, resolved["cohort"].get("splits") or "")))
    for path in (os.path.join(folder, name) for name in named if name):
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
        return json.loads(Path(PLAN_FILE).read_text())
    try:
        return plan_of_head()
    except WorkflowError as error:
        # One line, as wsi does, and not the lines of this file.
        sys.exit(f"error: {error}")


def plan_of_head():
    check_config()
    tell_marks()
    resolved = ask("config", "--show", STUDY)
    before = json.loads(Path(PLAN_FILE).read_text()) if os.path.isfile(PLAN_FILE) else {}
    now = {"stamp": stamp(resolved), "slides_per_job": config["slides_per_job"], "wanted": config.get("shards")}
    if all(before.get(key) == value for key, value in now.items()):
        return before
    found = ask("check", "--config", STUDY, "--json")
    for note in found["notes"]:
        print(note, file=sys.stderr)
    outputs = resolved["heatmap"]["outputs"] if resolved["cohort"].get("slides") else []
    now |= {
        "slides": found["slides"],
        "shards": shards(found["slides"]),
        "folds": [fold["fold"] for fold in found["folds"]],
        "seeds": resolved["training"].get("seeds") or [None],
        "features": f"features_{encoder_name(resolved)}",
        "tiles": not resolved["features"].get("path"),
        "pictures": (["heatmap"] if set(outputs) - {"report"} else []) + (["report"] if "report" in outputs else []),
    }
    # What is looked at beside a head that runs, as by -n, must not change what its jobs read.
    if before and any(Path(WORK, ".snakemake/locks").glob("*")):
        return before
    if not workflow.dryrun:
        os.makedirs(WORK, exist_ok=True)
        temporary = f"{PLAN_FILE}.{os.getpid()}.tmp"
        Path(temporary).write_text(json.dumps(now, indent=1) + "\n")
        os.replace(temporary, PLAN_FILE)
    return now


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
    """Ends the workflow where more than max_failed of the slides have failed in tile and features."""
    failed, total = 0, PLAN["slides"]
    if PLAN["tiles"]:
        stages = status()
        failed = sum(stages[name]["failed"] for name in ("tile", PLAN["features"]) if name in stages)
    if total and failed > config["max_failed"] * total:
        raise WorkflowError(
            f"{failed} of {total} slides have failed, more than max_failed={config['max_failed']}: see wsi status {JOB}; "
            "mend the slides, or go on with --config max_failed=SHARE"
        )
    Path(file).write_text(f"{failed} of {total} slides failed\n")


def summarise(records, file):
    """The job's counts, and what failed."""
    lines = subprocess.run([WSI, "status", JOB], check=True, stdout=subprocess.PIPE, text=True).stdout
    Path(file).write_text(lines)
    print(lines, file=sys.stderr)


def tell_marks():
    """Jobs that are not tried again, each with its reason."""
    for mark in sorted(Path(WORK, "stopped").rglob("*")):
        # One may go, or come to its name, meanwhile.
        with contextlib.suppress(FileNotFoundError):
            if mark.is_file() and mark.suffix != ".tmp":
                print(mark.read_text().strip() + "\n", file=sys.stderr)
