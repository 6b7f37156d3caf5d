"""What there is, and the rate of a product of matrices on it."""
import os
import re

from ..children import Missed


def step(lab):
    facts = {"cores": len(os.sched_getaffinity(0)), "wsi": lab.run(lab.wsi, "--version").strip()}
    facts["programs"] = "the bundle's" if lab.has_bundle else str(lab.wsi)
    tried = []
    for python in lab.pythons():
        try:
            found = lab.peer("gemm", "--device", lab.device, "--side", 1024 if lab.tiny else 8192, by=python)
        except Missed as error:
            tried.append(str(error))
            continue
        facts |= found
        lab.use(python, found["folder"], found.get("gpu"))
        break
    else:
        facts["peer"] = f"no Python with PyTorch for this device: {' ; '.join(tried)}"
    if lab.device != "cpu":
        facts["gpus"] = gpus(lab)
    facts["doctor"] = doctor(lab)
    return facts


def gpus(lab):
    query = "index,uuid,name,driver_version,memory.total,clocks.max.sm"
    try:
        return lab.run("nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader").strip().splitlines()
    except Missed as error:
        return [str(error)]


def doctor(lab):
    """What of its lines is of devices; one that finds fault ends with another exit code than 0, and that is when they matter."""
    failure = []
    try:
        output = lab.run(lab.wsi, "doctor")
    except Missed as error:
        output, failure = error.output, [str(error)]
    return [line for line in output.splitlines() if re.search(r"torch|gpu|cuda|device|processor|compute", line, re.I)] + failure
