"""Golden patches of encoders on the device: those that plain PyTorch computes here in fp32 on the CPU, and those of the bundle."""
import concurrent.futures
import json
import os

from ..children import Late, Missed
from ..lab import BUNDLE


def models(lab):
    return ["vit-tiny", "vit-s16", "resnet50"]


def encoder(lab, model):
    return lab.folder / f"golden/{model}/encoder.json"


def export(lab):
    return lab.peer("export", "--models", *models(lab), "--out", lab.folder / "golden")


def step(lab):
    """Many programs at a time: each takes seconds to load CUDA, and nothing to compute."""
    bundled = sorted(BUNDLE.rglob("encoder.json")) if BUNDLE.is_dir() else []
    manifests = [file for file in bundled if "check" in json.loads(file.read_text())]
    manifests += [encoder(lab, model) for model in models(lab)]
    # bf16 comes after all of fp32, which says more.
    runs = [(manifest, precision) for precision in ("fp32", "bf16") for manifest in manifests]
    found, failed, left = {}, [], []

    def check(run):
        manifest, precision = run
        return lab.run(lab.wsi, "encoder", "check", manifest, "--device", lab.device, "--precision", precision).strip()

    with concurrent.futures.ThreadPoolExecutor(min(8, len(os.sched_getaffinity(0)))) as pool:
        for (manifest, precision), answer in zip(runs, [pool.submit(check, run) for run in runs]):
            name = f"{manifest.parent.name} {precision}"
            try:
                found[name] = answer.result()
            except Late:
                left.append(name)
            except Missed as error:
                if lab.device == "cpu" and "does not multiply in bf16" in str(error):
                    continue
                found[name] = str(error)
                failed.append(name)
    total = len(found) + len(left)
    lab.record.goal("golden patches of encoders", f"all {total} agree", len(found) - len(failed), found and not failed and not left)
    result = {"cases": found, "failed": failed, "not_reached": left}
    if left:
        raise Late(f"{len(left)} of {total} cases were not reached", result)
    return result
