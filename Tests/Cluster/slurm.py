"""What is asked of Slurm, and of the processes that its jobs have started."""
import contextlib
import os
import pathlib
import subprocess
import time

PATIENCE = 900

# The plugin asks again 10 s later than the last time whenever nothing has ended, and most of a case of short jobs would be that.
# Its question waits here until something has ended, for less than the minute after which it would be given up. The last word of
# that question is the name of all jobs of a head.
PATIENT = """#!/bin/sh
squeue='{squeue}' ends=0
case "$*" in *--states=all*--name*) ;; *) exec "$squeue" "$@" ;; esac
for name; do :; done
told='{folder}'/ended.$name
[ ! -e "$told" ] || read -r ends < "$told"
before=$ends last=$(($(date +%s) + 40))
while :; do
  said=$("$squeue" "$@") || exit
  ends=$(printf '%s\\n' "$said" | grep -Ecv 'PENDING|RUNNING|COMPLETING')
  [ "$ends" = "$before" ] && [ "$(date +%s)" -lt $last ] || break
  sleep 0.4
done
echo "$ends" > "$told"
printf '%s\\n' "$said"
"""


def patient(folder, programs):
    """A folder for PATH with a squeue that waits, before that of `programs`."""
    folder.mkdir(exist_ok=True)
    file = folder / "squeue"
    file.write_text(PATIENT.format(squeue=programs / "squeue", folder=folder))
    file.chmod(0o755)
    return folder


def until(text, look, seconds=PATIENCE, pause=0.3):
    """The first thing that `look` finds; a case fails where there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(pause)
    raise AssertionError(f"{text}: not seen within {seconds} s")


def slurm(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def queue(states="all"):
    """Jobs of Slurm by their number: state and rule."""
    lines = slurm("squeue", "--noheader", f"--states={states}", "--format=%i|%T|%k").splitlines()
    return {number: (state, comment) for number, state, comment in (line.split("|", 2) for line in lines)}


def running(rule):
    return next((number for number, job in queue("RUNNING").items() if job[1].startswith(f"rule_{rule}")), None)


def call(number):
    """The words of a process; none where it is gone."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return [""]


def process(*words):
    """A wsi that a job has started with these words, the case's folder among them: the machine may have others. None that it has
    started itself and that has its words for a moment."""
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        found = call(place.name)
        if os.path.basename(found[0]) != "wsi" or not all(word in found for word in words):
            continue
        with contextlib.suppress(OSError):
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
            if os.path.basename(call(parent)[0]) != "wsi":
                return int(place.name)
    return None


def descendants(number):
    """What a process has started, and what that has started."""
    children = pathlib.Path(f"/proc/{number}/task/{number}/children").read_text().split()
    return [one for child in children for one in (int(child), *descendants(child))]
