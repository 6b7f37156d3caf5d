"""What lies in a folder, and in what two folders differ."""
import hashlib
import json
import os
import pathlib
import shutil


def contents(folder, without=("audit",)):
    """SHA-256 of every file by its relative path; folders named in `without` at the top are passed over."""
    found = {}
    folder = pathlib.Path(folder)
    for place, folders, files in os.walk(folder):
        if pathlib.Path(place) == folder:
            folders[:] = [name for name in folders if name not in without]
        for name in files:
            path = pathlib.Path(place) / name
            found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def temporaries(*folders):
    """Files under temporary names, also in `audit`, and whatever is left in folders for temporary things."""
    found = []
    for folder in folders:
        for place, _, files in os.walk(folder):
            found += [os.path.join(place, name) for name in files if name.endswith(".tmp") or name.startswith(".wsi-")]
    return sorted(found)


def leftovers(folder):
    """Everything in a folder that should be empty."""
    return sorted(str(path) for path in pathlib.Path(folder).rglob("*"))


def differences(found, wanted, limit=6):
    """One line for each file that is missing, too much or of other content, at most `limit` and a count."""
    lines = [f"missing: {name}" for name in sorted(wanted.keys() - found.keys())]
    lines += [f"too much: {name}" for name in sorted(found.keys() - wanted.keys())]
    lines += [f"differs: {name}" for name in sorted(found.keys() & wanted.keys()) if found[name] != wanted[name]]
    return lines[:limit] + ([f"and {len(lines) - limit} more"] if len(lines) > limit else [])


def false_finals(folder, wanted):
    """Files under final names that a clean run would not have left so. Of units that failed, the outcome may say so."""
    wrong = []
    for name, digest in contents(folder).items():
        if name.endswith(".tmp") or wanted.get(name) == digest:
            continue
        if name.startswith("outcomes/") and is_failure(pathlib.Path(folder) / name):
            continue
        wrong.append(f"{'differs' if name in wanted else 'is not of a clean run'}: {name}")
    return wrong[:6]


def is_failure(outcome):
    try:
        return json.loads(outcome.read_bytes()).get("status") in ("failed", "refused")
    except (ValueError, AttributeError):
        return False


def copy(source, target):
    """A copy with the times of its files, in place of what was there."""
    shutil.rmtree(target, ignore_errors=True)
    if source is not None:
        shutil.copytree(source, target, symlinks=True)


def size(folder):
    """Bytes that the files of a folder take on a memory disk of 4-KiB pages, where folders take none."""
    return sum(-(-size // 4096) for size in sizes(folder).values()) * 4096


def count(folder):
    """Files and folders in a folder."""
    return sum(len(folders) + len(files) for _, folders, files in os.walk(folder))


def sizes(folder):
    """Bytes of every file by its relative path."""
    folder = pathlib.Path(folder)
    return {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
