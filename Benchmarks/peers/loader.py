#!/usr/bin/env python3
"""The peer of `wsi bench`: patches of slides through a plain PyTorch network, as a laboratory's script has it. One JSON object.

    loader.py run --model vit-l16 --device cuda [--coords coords.json | --job JOB] [--per-slide]
    loader.py gemm --device cuda [--side 8192]           the rate of a product of square bf16 matrices
    loader.py export --model vit-s16 --out FOLDER        the network as an encoder of ours, with a golden patch in fp32

A Dataset gives patches that OpenSlide reads, a DataLoader with workers and pinned memory puts batches together, and the
network computes them in bf16 with scaled_dot_product_attention. `--per-slide` begins a loader for each slide, as scripts
do that take one slide after the other; without it one loader goes through all. Weights are random: speed does not depend on
them. Needs PyTorch alone; openslide-python is used where it is there, else libopenslide by ctypes ($OPENSLIDE_LIBRARY names
the file), and h5py for `--job` only. coords.json is a list of {"slide": path, "side": pixels, "corners": [[x, y], …]}, in
level-0 pixels.
"""
import argparse
import ctypes
import ctypes.util
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
from torch import nn

MEAN, STD, SIDE = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 224


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        count, length, width = x.shape
        queries, keys, values = self.qkv(x).view(count, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(queries, keys, values)
        return self.proj(mixed.transpose(1, 2).reshape(count, length, width))


class MLP(nn.Module):
    """Two layers with GELU, or the gated kind whose first layer gives gate and value."""

    def __init__(self, width, hidden, gated):
        super().__init__()
        self.gated = gated
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden // 2 if gated else hidden, width)

    def forward(self, x):
        x = self.fc1(x)
        if not self.gated:
            return self.fc2(F.gelu(x))
        gate, value = x.chunk(2, dim=-1)
        return self.fc2(F.silu(gate) * value)


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x):
        return x * self.gamma


class Block(nn.Module):
    def __init__(self, width, heads, hidden, gated, scaled):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attn, self.mlp = Attention(width, heads), MLP(width, hidden, gated)
        self.ls1, self.ls2 = (Scale(width), Scale(width)) if scaled else (nn.Identity(), nn.Identity())

    def forward(self, x):
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class Embedding(nn.Module):
    def __init__(self, patch, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class ViT(nn.Module):
    """Gives the class token. Registers have no positions."""

    def __init__(self, patch, width, depth, heads, hidden, gated=False, scaled=False, registers=0):
        super().__init__()
        prefix = 0 if registers else 1
        self.patch_embed = Embedding(patch, width)
        self.cls_token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        if registers:
            self.reg_token = nn.Parameter(torch.randn(1, registers, width) * 0.02)
        self.pos_embed = nn.Parameter(torch.randn(1, (SIDE // patch) ** 2 + prefix, width) * 0.02)
        self.blocks = nn.Sequential(*(Block(width, heads, hidden, gated, scaled) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.architecture = {
            "family": "vit", "patch": patch, "width": width, "depth": depth, "heads": heads, "hidden": hidden,
            "mlp": "swiglu" if gated else "gelu", "layer_scale": scaled, "register_tokens": registers,
            "prefix_positions": not registers,
        }
        self.dim = width

    def forward(self, x):
        x, token = self.patch_embed(x), self.cls_token.expand(len(x), -1, -1)
        if hasattr(self, "reg_token"):
            x = torch.cat([token, self.reg_token.expand(len(x), -1, -1), x + self.pos_embed], dim=1)
        else:
            x = torch.cat([token, x], dim=1) + self.pos_embed
        return self.norm(self.blocks(x)[:, 0])


class Bottleneck(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, channels, 1, bias=False), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels)
        self.conv3, self.bn3 = nn.Conv2d(channels, 4 * channels, 1, bias=False), nn.BatchNorm2d(4 * channels)
        self.downsample = nn.Identity()
        if stride != 1 or inputs != 4 * channels:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, 4 * channels, 1, stride, bias=False), nn.BatchNorm2d(4 * channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x), inplace=True)


class ResNet50(nn.Module):
    """Gives the global average."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        inputs = 64
        for stage, count in enumerate((3, 4, 6, 3)):
            channels, blocks = 64 << stage, []
            for index in range(count):
                blocks.append(Bottleneck(inputs, channels, 2 if stage and not index else 1))
                inputs = 4 * channels
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.architecture = {"family": "resnet", "block": "bottleneck", "layers": [3, 4, 6, 3]}
        self.dim = inputs

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x)), inplace=True), 3, 2, 1)
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))


MODELS = {
    # The gated network with registers, in small: for golden patches.
    "vit-tiny": lambda: ViT(14, 64, 3, 4, 256, gated=True, scaled=True, registers=4),
    "vit-s16": lambda: ViT(16, 384, 12, 6, 1536),
    "vit-l16": lambda: ViT(16, 1024, 24, 16, 4096, scaled=True),
    "vit-g14": lambda: ViT(14, 1536, 40, 24, 8192, gated=True, scaled=True, registers=4),
    "resnet50": ResNet50,
}


class Network:
    """A model on a device, from bytes [B, 3, side, side] to fp32 features on the CPU."""

    def __init__(self, name, device, precision):
        self.device, self.dtype = torch.device(device), torch.bfloat16 if precision == "bf16" else torch.float32
        torch.manual_seed(0)
        with self.device:
            self.model = MODELS[name]().eval()
        # Of a network of convolutions, the layout that their kernels want.
        self.layout = torch.channels_last if name == "resnet50" else torch.contiguous_format
        self.model.to(self.dtype).to(memory_format=self.layout)
        self.mean = torch.tensor(MEAN, device=self.device).view(1, 3, 1, 1) * 255
        self.std = torch.tensor(STD, device=self.device).view(1, 3, 1, 1) * 255

    @torch.inference_mode()
    def __call__(self, pixels):
        x = pixels.to(self.device, non_blocking=True).float()
        if x.shape[-1] != SIDE:
            x = F.interpolate(x, (SIDE, SIDE), mode="bilinear", antialias=True)
        x = ((x - self.mean) / self.std).to(self.dtype).contiguous(memory_format=self.layout)
        return self.model(x).float()

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def gflop(self):
        """Multiplications and additions of one patch, by the shapes that go through its layers."""
        total = 0

        def count(layer, inputs, output):
            nonlocal total
            if isinstance(layer, Attention):
                length, width = inputs[0].shape[1:]
                total += 4 * length * length * width
            elif isinstance(layer, nn.Linear):
                total += 2 * output.numel() * layer.in_features
            elif isinstance(layer, nn.Conv2d):
                total += 2 * output.numel() * layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1]

        hooks = [layer.register_forward_hook(count) for layer in self.model.modules()]
        self(torch.zeros(1, 3, SIDE, SIDE, dtype=torch.uint8))
        for hook in hooks:
            hook.remove()
        return total / 1e9


class Reader:
    """RGB bytes [3, side, side] of a place, by openslide-python or by libopenslide itself."""

    library = None

    def __init__(self, path):
        try:
            import numpy
            import openslide

            self.slide, self.numpy = openslide.OpenSlide(path), numpy
        except ImportError:
            self.slide, self.handle = None, self.load().openslide_open(path.encode())
            if not self.handle or self.library.openslide_get_error(self.handle):
                sys.exit(f"loader: OpenSlide does not open {path}")

    @classmethod
    def load(cls):
        if cls.library is None:
            name = os.environ.get("OPENSLIDE_LIBRARY") or ctypes.util.find_library("openslide") or "libopenslide.so.1"
            try:
                library = ctypes.CDLL(name)
            except OSError as error:
                sys.exit(f"loader: neither openslide-python nor libopenslide is here ({error}); set OPENSLIDE_LIBRARY")
            library.openslide_open.restype = ctypes.c_void_p
            library.openslide_open.argtypes = [ctypes.c_char_p]
            library.openslide_get_error.restype = ctypes.c_char_p
            library.openslide_get_error.argtypes = [ctypes.c_void_p]
            library.openslide_read_region.restype = None
            library.openslide_read_region.argtypes = [
                ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int32, ctypes.c_int64, ctypes.c_int64,
            ]
            cls.library = library
        return cls.library

    def read(self, x, y, side):
        if self.slide is not None:
            picture = self.slide.read_region((x, y), 0, (side, side)).convert("RGB")
            return torch.from_numpy(self.numpy.array(picture)).permute(2, 0, 1).contiguous()
        pixels = torch.empty(side, side, 4, dtype=torch.uint8)
        self.library.openslide_read_region(self.handle, pixels.data_ptr(), x, y, 0, side, side)
        # Blue, green, red, alpha in memory.
        return pixels[..., [2, 1, 0]].permute(2, 0, 1).contiguous()


class Patches(torch.utils.data.Dataset):
    def __init__(self, slides):
        self.places = [(number, x, y) for number, slide in enumerate(slides) for x, y in slide["corners"]]
        self.slides, self.open = slides, {}

    def __len__(self):
        return len(self.places)

    def __getitem__(self, index):
        number, x, y = self.places[index]
        if number not in self.open:
            # Each worker has the slide that it is at.
            self.open = {number: Reader(self.slides[number]["slide"])}
        return self.open[number].read(x, y, self.slides[number]["side"])


def loader(slides, options):
    settings = {"pin_memory": options.device != "cpu", "num_workers": options.workers, "batch_size": options.batch}
    if options.workers:
        settings["prefetch_factor"] = 4
    return torch.utils.data.DataLoader(Patches(slides), **settings)


def coordinates(options):
    if options.coords:
        slides = json.loads(pathlib.Path(options.coords).read_text())
    else:
        import h5py

        slides = []
        paths = {}
        for table in sorted(pathlib.Path(options.job).glob("audit/slides/*.json")):
            paths |= json.loads(table.read_text())["slides"]
        for file in sorted(pathlib.Path(options.job).glob("*/patches/*_patches.h5")):
            with h5py.File(file) as opened:
                places = opened["coords"]
                side = int(places.attrs["patch_size_level0"])
                slides.append({"slide": paths[file.name[: -len("_patches.h5")]], "side": side, "corners": places[:].tolist()})
    left = options.patches or sum(len(slide["corners"]) for slide in slides)
    for slide in slides:
        slide["corners"] = slide["corners"][:left]
        left -= len(slide["corners"])
    return [slide for slide in slides if slide["corners"]]


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


def end_to_end(network, slides, options):
    """The loader's workers start within the time, as they do for each cohort, or with --per-slide for each slide."""
    start, features = time.perf_counter(), []
    for part in [[slide] for slide in slides] if options.per_slide else [slides]:
        features += [network(batch).cpu() for batch in loader(part, options)]
    seconds = time.perf_counter() - start
    return sum(map(len, features)), seconds


def run(options):
    if options.device == "cpu" and options.threads:
        torch.set_num_threads(options.threads)
    network = Network(options.model, options.device, options.precision)
    result = {
        "model": options.model, "device": options.device, "precision": options.precision, "batch": options.batch,
        "workers": options.workers, "per_slide": options.per_slide, "torch": torch.__version__, "gflop_per_patch": round(network.gflop(), 2),
        "memory_patches_per_second": from_memory(network, options),
    }
    if options.coords or options.job:
        slides = coordinates(options)
        patches, seconds = end_to_end(network, slides, options)
        result |= {"slides": len(slides), "patches": patches, "seconds": seconds, "patches_per_second": patches / seconds}
    if options.device == "cpu":
        result["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    else:
        result["peak_memory_mb"] = torch.cuda.max_memory_allocated(options.device) >> 20
    return result


def gemm(options):
    side = options.side
    left, right = (torch.randn(side, side, device=options.device).bfloat16() for _ in range(2))

    def timed(times):
        start = time.perf_counter()
        for _ in range(times):
            product = left @ right
        product[0, 0].item()
        return time.perf_counter() - start

    timed(2)
    times = max(1, int(1.0 / timed(1)))
    return {"side": side, "gemm_tflops": 2 * side**3 * times / timed(times) / 1e12, "torch": torch.__version__}


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
    folder = pathlib.Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    network = Network(options.model, "cpu", "fp32")
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
        "name": f"peer-{options.model}", "dim": network.model.dim, "input": SIDE, "mean": MEAN, "std": STD,
        "interpolation": "bilinear", "mpp": 0.5, "weights": "weights.safetensors", "check": "golden.safetensors",
        "sha256": hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest(),
        "licence": "none", "source": "random weights", "architecture": network.model.architecture,
    }
    (folder / "encoder.json").write_text(json.dumps(manifest))
    return {"encoder": str(folder / "encoder.json")}


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
    parser.add_argument("--per-slide", action="store_true")
    parser.add_argument("--side", type=int, default=8192)
    parser.add_argument("--out")
    options = parser.parse_args()
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        sys.exit("loader: this PyTorch sees no CUDA device; give --device cpu")
    print(json.dumps({"run": run, "gemm": gemm, "export": export}[options.what](options)))


if __name__ == "__main__":
    main()
