#!/usr/bin/env python3
"""The peer of `wsi bench`: patches of slides through a plain PyTorch network, as a laboratory's script has it. One JSON object.

    loader.py run --model vit-l16 --device cuda [--coords coords.json | --job JOB] [--ways whole per-slide] [--most SECONDS]
    loader.py gemm --device cuda [--side 8192]           this PyTorch, the device, its rate of a product of square bf16 matrices
    loader.py export --models vit-s16 resnet50 --out FOLDER   FOLDER/MODEL: the network as an encoder of ours, with a golden patch

A Dataset gives patches that OpenSlide reads, a DataLoader with workers and pinned memory puts batches together, and the
network computes them in bf16 with scaled_dot_product_attention. `--ways` says how: by one loader that goes through all slides
(whole), or by a new one for each, as scripts do that take one slide after the other (per-slide). With both, each takes its
turn, and the faster one is the answer. Weights are random: speed does not depend on them. Needs PyTorch alone; openslide-python
is used where it is there, else libopenslide by ctypes ($OPENSLIDE_LIBRARY names the file), and h5py for `--job` only.
coords.json is a list of {"slide": path, "side": pixels, "corners": [[x, y], …]}, in level-0 pixels.
"""
import argparse
import ctypes
import hashlib
import json
import os
import pathlib
import resource
import struct
import sys
import time

import torch
import torch.nn.functional as F

from networks import MEAN, MODELS, SIDE, STD, Network
from reading import Patches, coordinates


def loader(slides, options):
    settings = {"pin_memory": options.device != "cpu", "num_workers": options.workers, "batch_size": options.batch}
    if options.workers:
        settings["prefetch_factor"] = 4
    return torch.utils.data.DataLoader(Patches(slides), **settings)


def from_memory(network, options):
    batch = torch.randint(0, 256, (options.batch, 3, SIDE, SIDE), dtype=torch.uint8)
    if options.device != "cpu":
        batch = batch.pin_memory()
    for _ in range(3 if options.device != "cpu" else 1):
        network(batch).cpu()
    network.wait()
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < options.seconds:
        network(batch).cpu()
        count += len(batch)
    return count / (time.perf_counter() - start)


def end_to_end(network, slides, way, options):
    """Patches and seconds. The loader's workers start within the time, as they do for each cohort, or for each slide."""
    start, count, seconds = time.perf_counter(), 0, 0.0
    for part in [[slide] for slide in slides] if way == "per-slide" else [slides]:
        for batch in loader(part, options):
            count += len(network(batch).cpu())
            seconds = time.perf_counter() - start
            if options.most and seconds >= options.most:
                return count, seconds
    return count, seconds


def run(options):
    if options.device == "cpu" and options.threads:
        torch.set_num_threads(options.threads)
    network = Network(options.model, options.device, options.precision)
    result = {
        "model": options.model, "device": options.device, "precision": options.precision, "batch": options.batch,
        "workers": options.workers, "torch": torch.__version__, "gflop_per_patch": round(network.gflop(), 2),
        "memory_patches_per_second": from_memory(network, options),
    }
    if options.coords or options.job:
        slides, rates = coordinates(options), {}
        for way in options.ways:
            patches, seconds = end_to_end(network, slides, way, options)
            rates[way] = {"patches": patches, "seconds": seconds, "patches_per_second": patches / seconds if seconds else 0.0}
        way = max(rates, key=lambda way: rates[way]["patches_per_second"])
        result |= {"slides": len(slides), "ways": rates, "way": way, **rates[way]}
    if options.device == "cpu":
        result["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    else:
        result["peak_memory_mb"] = torch.cuda.max_memory_allocated(options.device) >> 20
    return result


def gemm(options):
    side, device = options.side, torch.device(options.device)
    left, right = (torch.randn(side, side, device=device).bfloat16() for _ in range(2))

    def timed(times):
        start = time.perf_counter()
        for _ in range(times):
            product = left @ right
        product[0, 0].item()
        return time.perf_counter() - start

    timed(2)
    times = max(1, int(1.0 / timed(1)))
    result = {
        "torch": torch.__version__, "cuda": torch.version.cuda, "folder": torch.__path__[0],
        "side": side, "gemm_tflops": 2 * side**3 * times / timed(times) / 1e12,
    }
    if device.type == "cuda":
        facts = torch.cuda.get_device_properties(device)
        result["name"] = facts.name
        # As nvidia-smi names it, which counts otherwise.
        if hasattr(facts, "uuid"):
            result["gpu"] = f"GPU-{facts.uuid}"
    return result


def write_safetensors(tensors, path):
    header, body, place = {}, [], 0
    for name, tensor in sorted(tensors.items()):
        held = tensor.detach().contiguous()
        data = ctypes.string_at(held.data_ptr(), held.numel() * held.element_size())
        kind = {torch.float32: "F32", torch.uint8: "U8"}[tensor.dtype]
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [place, place + len(data)]}
        body.append(data)
        place += len(data)
    line = json.dumps(header).encode()
    line += b" " * (-len(line) % 8)
    path.write_bytes(struct.pack("<Q", len(line)) + line + b"".join(body))


def export(options):
    return {"encoders": [str(export_model(model, pathlib.Path(options.out) / model)) for model in options.models]}


def export_model(model, folder):
    folder.mkdir(parents=True, exist_ok=True)
    network = Network(model, "cpu", "fp32")
    for name, value in network.model.named_buffers():
        # A network that has seen pictures.
        if name.endswith("running_var"):
            value.fill_(0.5)
    patch = torch.randint(0, 256, (1, 3, SIDE // 8, SIDE // 8), dtype=torch.uint8)
    patch = F.interpolate(patch.float(), (SIDE, SIDE), mode="nearest").to(torch.uint8)
    features = network(patch)[0]
    state = {k: v for k, v in network.model.state_dict().items() if not k.endswith("num_batches_tracked")}
    write_safetensors(state, folder / "weights.safetensors")
    write_safetensors({"patch": patch[0].permute(1, 2, 0).contiguous(), "features": features}, folder / "golden.safetensors")
    manifest = {
        "name": f"peer-{model}", "dim": network.model.dim, "input": SIDE, "mean": MEAN, "std": STD,
        "interpolation": "bilinear", "mpp": 0.5, "weights": "weights.safetensors", "check": "golden.safetensors",
        "sha256": hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest(),
        "licence": "none", "source": "random weights", "architecture": network.model.architecture,
    }
    (folder / "encoder.json").write_text(json.dumps(manifest))
    return folder / "encoder.json"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "gemm", "export"])
    parser.add_argument("--model", choices=MODELS, default="resnet50")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=["bf16", "fp32"], default="bf16")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--threads", type=int, help="of the network, on a CPU")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--patches", type=int, help="at most")
    parser.add_argument("--coords", help="a JSON of slides and corners")
    parser.add_argument("--job", help="a job that wsi tile has made")
    parser.add_argument("--ways", nargs="+", choices=["whole", "per-slide"], default=["whole"])
    parser.add_argument("--most", type=float, help="seconds that a way may take; what it has done by then counts")
    parser.add_argument("--models", nargs="+", choices=MODELS, help="to export")
    parser.add_argument("--side", type=int, default=8192)
    parser.add_argument("--out")
    options = parser.parse_args()
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        sys.exit("loader: this PyTorch sees no CUDA device; give --device cpu")
    print(json.dumps({"run": run, "gemm": gemm, "export": export}[options.what](options)))


if __name__ == "__main__":
    main()
