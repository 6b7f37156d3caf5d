"""A training step in fp32 beside eager PyTorch's, at 10,000 instances of 1024 features."""
from ..children import Missed
from ..lab import PEERS, last_line

MODELS = ["acmil_ga", "acmil_mha", "mhim_abmil"]


def step(lab):
    if lab.bench_train is None:
        raise Missed("there is no bench-train beside wsi: swift build -c release --product bench-train, or name it in $BENCH_TRAIN")
    if lab.python is None:
        raise Missed("no Python with PyTorch; name one with --python")
    models, ratios = MODELS[:1] if lab.tiny else MODELS, {}
    for model in models:
        # One after the other, so that what is measured is kept.
        try:
            ratios |= last_line(
                lab.run(
                    lab.bench_train, "--device", lab.device, "--models", model, "--python", lab.python, "--peer", PEERS / "train.py"
                )
            )
        except Missed as error:
            error.found = {"ratios": ratios}
            raise
        ratio = ratios.get(f"{model}_fp32")
        shown = "nothing" if ratio is None else f"{ratio:.3f} ×"
        lab.record.goal(f"training step of {model}", "1.0 × eager PyTorch or more", shown, ratio is not None and ratio >= 1)
    return {"ratios": ratios}
