"""Whether features are the same bytes when they are made again, by whichever lane of the device, and with other slides beside."""
import hashlib

from . import golden


def step(lab):
    slides = sorted((lab.folder / "made-large/slides").iterdir())
    few, precision = slides[: max(1, len(slides) // 3)], "fp32" if lab.device == "cpu" else "bf16"
    ways = {"first": (slides, None), "again": (slides, 3), "few": (few, None)}
    digests = {name: features(lab, f"lanes-{name}", *way, precision) for name, way in ways.items()}
    differ = [
        f"{name}: {file}" for name in ("again", "few") for file, digest in digests[name].items() if digest != digests["first"].get(file)
    ]
    files = len(digests["again"]) + len(digests["few"])
    is_whole = len(digests["first"]) == len(digests["again"]) == 2 * len(slides) and len(digests["few"]) == 2 * len(few)
    lab.record.goal("features made again", f"{files} files of equal bytes", files - len(differ), is_whole and not differ)
    return {"precision": precision, "files": files, "differ": differ}


def features(lab, name, slides, workers, precision):
    """Digests of the feature files of two encoders, a transformer and one of convolutions, in one pass."""
    job = lab.folder / name
    some = ["--workers", workers] if workers else []
    lab.run(lab.wsi, "tile", *slides, "--out", job, "--patch-size", 224, "--quiet")
    encoders = [word for model in ("vit-tiny", "resnet50") for word in ("--encoder", golden.encoder(lab, model))]
    lab.run(lab.wsi, "features", job, *encoders, "--device", lab.device, "--precision", precision, *some, "--quiet")
    files = sorted(job.glob("*/features_*/*.h5"))
    return {str(file.relative_to(job)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
