"""The sample cohort with a small encoder: features and training on the processor and on the device, with several seeds."""
import json
import shutil
import statistics

from ..children import Missed
from . import golden


def step(lab):
    slides, seeds = (8, 2) if lab.tiny else (24, 3)
    cohort = lab.folder / "cohort"
    lab.run(lab.wsi, "sample", cohort, "--slides", slides, "--side", 2048, "--quiet")
    first, second = lab.folder / "job-cpu", lab.folder / "job-device"
    lab.run(lab.wsi, "run", "--config", config(lab, "cpu", seeds), "--out", first, "--only", "tile", "--quiet")
    shutil.copytree(first, second)
    cpu, device = trained(lab, first, "cpu", seeds), trained(lab, second, lab.device, seeds)
    noise = statistics.stdev(cpu)
    gap, bound = abs(statistics.mean(device) - statistics.mean(cpu)), max(0.02, 2 * noise)
    lab.record.goal("AUC of the sample study", f"within {bound:.3f} of the CPU's", f"{gap:.4f} apart", gap <= bound)
    return {"cpu_auc": cpu, "device_auc": device, "seed_noise": noise, "gap": gap}


def config(lab, device, seeds):
    path = lab.folder / f"study-{device.replace(':', '-')}.json"
    cohort, encoder = lab.folder / "cohort", golden.encoder(lab, "vit-tiny")
    study = {
        "name": "acmil",
        "cohort": {
            "slides": str(cohort / "slides"), "labels": str(cohort / "labels.csv"),
            "classes": ["normal", "tumor"], "folds": 2 if lab.tiny else 4,
        },
        "tiling": {"patch_size": 224},
        "features": {"encoder": str(encoder), "device": device, "precision": "fp32"},
        "model": {"kind": "acmil"},
        "training": {
            "learning_rate": 5e-4, "epochs": 5 if lab.tiny else 30, "selection": "last", "device": device, "seeds": list(range(seeds)),
        },
    }
    path.write_text(json.dumps(study))
    return path


def trained(lab, job, device, seeds):
    """The area under the curve of each seed."""
    study = config(lab, device, seeds)
    lab.run(lab.wsi, "run", "--config", study, "--out", job, "--only", "features", "--quiet")
    # Processes of small folds spend their time on loading CUDA.
    beside = [] if device == "cpu" else ["--folds-per-gpu", 6]
    lab.run(lab.wsi, "train", "--config", study, "--out", job, *beside, "--quiet")
    return [area(lab.json_of("evaluate", job, "--model", f"acmil/seed_{seed}", "--json")) for seed in range(seeds)]


def area(report):
    """The mean of the folds' areas."""
    values = [fold["test"]["auc"]["value"] for fold in report["folds"]]
    values = [value for value in values if value is not None]
    if not values:
        raise Missed("no fold has an area under the curve")
    return statistics.mean(values)
