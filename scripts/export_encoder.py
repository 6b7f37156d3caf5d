#!/usr/bin/env python3
"""Exports an encoder for wsi: a folder with encoder.json, its weights, and a golden patch with its features.

Run it in a Python of your own that has torch, timm and safetensors, and access to the model:

    scripts/export_encoder.py hf-hub:MahmoodLab/UNI --out uni --name uni --mpp 0.5 --licence-file LICENSE \\
        --kwargs '{"init_values": 1e-5, "dynamic_img_size": true}'
    scripts/export_encoder.py hf-hub:paige-ai/Virchow --out virchow --name virchow --mpp 0.5 --licence Apache-2.0 \\
        --kwargs '{"mlp_layer": "SwiGLUPacked", "act_layer": "SiLU"}' --pool cls+mean
    scripts/export_encoder.py resnet50.tv_in1k --out resnet50-clam --name resnet50-clam --mpp 0.5 --stages 3 --licence BSD-3-Clause
    scripts/export_encoder.py --transformers facebook/dinov2-base --out dinov2-b --name dinov2-b --mpp 0.5 --licence Apache-2.0

timm's vision transformers, Swin transformers, ResNets and ConvNeXts become safetensors, which are data: no consent, no code. Every other model
becomes TorchScript, traced with the size of its input: a program, which `wsi encoder trust` asks about. Check the result with
`wsi encoder check FOLDER/encoder.json`.
"""
import argparse
import hashlib
import json
import pathlib
import sys
import warnings


def stop(reason):
    sys.exit(f"export_encoder: error: {reason}")


try:
    import numpy
    import torch
    from safetensors.torch import save_file

    import encoder_architectures
except ImportError as error:
    stop(f"this Python lacks {error.name}; install torch, timm and safetensors in it (pip install torch timm safetensors)")

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


class Pooled(torch.nn.Module):
    """A timm model with the features that are asked for: its own, class token and mean, or the average of a stage."""

    def __init__(self, model, pool, stages):
        super().__init__()
        self.model, self.pool, self.stages = model, pool, stages

    def forward(self, x):
        if self.pool == "cls+mean":
            tokens = self.model.forward_features(x)
            return torch.cat([tokens[:, 0], tokens[:, self.model.num_prefix_tokens :].mean(1)], -1)
        if self.stages is not None:
            model = self.model
            x = model.maxpool(model.act1(model.bn1(model.conv1(x))))
            for stage in (model.layer1, model.layer2, model.layer3, model.layer4)[: self.stages]:
                x = stage(x)
            return x.mean((2, 3))
        return self.model(x)


class FirstToken(torch.nn.Module):
    """A transformers model: its pooled output where it has one that was asked for, else its class token."""

    def __init__(self, model, pool):
        super().__init__()
        self.model, self.pool = model, pool

    def forward(self, x):
        tokens = self.model(pixel_values=x, return_dict=False)[0]
        if self.pool == "cls+mean":
            return torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], -1)
        return tokens[:, 0]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="a timm name such as resnet50.tv_in1k or hf-hub:MahmoodLab/UNI")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="the folder to write; must not exist")
    parser.add_argument("--name", required=True, help="the encoder's name: that of its feature folders")
    parser.add_argument("--mpp", required=True, type=float, help="µm per pixel that the encoder was trained for")
    licence = parser.add_mutually_exclusive_group(required=True)
    licence.add_argument("--licence", help="name of the licence; goes into every feature file and checkpoint")
    licence.add_argument("--licence-file", type=pathlib.Path, help="text of the licence, up to 32 KB")
    parser.add_argument("--kwargs", type=json.loads, default={}, help="JSON for timm.create_model; mlp_layer and act_layer by name")
    parser.add_argument("--transformers", action="store_true", help="load with transformers instead of timm; becomes TorchScript")
    parser.add_argument("--torchscript", action="store_true", help="TorchScript even where wsi could build the network")
    parser.add_argument("--pool", choices=["cls", "cls+mean"], default="cls", help="of transformers (default: cls)")
    parser.add_argument("--stages", type=int, choices=[1, 2, 3], help="average this stage of a ResNet; 3 is CLAM's")
    parser.add_argument("--input", type=int, help="side of the input in pixels (default: img_size of --kwargs, else the model's own)")
    parser.add_argument("--random", type=int, metavar="SEED", help="random weights, for tests: nothing is fetched")
    return parser.parse_args()


def load_timm(options):
    try:
        import timm
        import timm.layers
    except ImportError as error:
        stop(f"this Python lacks {error.name}; install timm in it (pip install timm)")
    keywords = dict(options.kwargs)
    for key, rooms in {"mlp_layer": (timm.layers,), "act_layer": (torch.nn, timm.layers)}.items():
        if key in keywords:
            found = [getattr(room, keywords[key], None) for room in rooms]
            keywords[key] = next((f for f in found if f), None) or stop(f"there is no {key} '{options.kwargs[key]}'")
    keywords.setdefault("num_classes", 0)
    try:
        model = timm.create_model(options.model, pretrained=options.random is None, **keywords)
    except Exception as error:  # the network, the hub's permissions, unknown names: timm's own words say which
        stop(f"timm cannot make {options.model}: {' '.join(str(error).split())}")
    data = timm.data.resolve_model_data_config(model)
    side = options.input or keywords.get("img_size") or data["input_size"][1]
    return model, side, data["mean"], data["std"], data["interpolation"]


def load_transformers(options):
    try:
        from transformers import AutoConfig, AutoImageProcessor, AutoModel
    except ImportError as error:
        stop(f"this Python lacks {error.name}; install transformers in it (pip install transformers)")
    try:
        model = AutoModel.from_pretrained(options.model)
        processor = AutoImageProcessor.from_pretrained(options.model)
    except Exception as error:
        stop(f"transformers cannot load {options.model}: {' '.join(str(error).split())}")
    crop = getattr(processor, "crop_size", None) or processor.size
    side = options.input or crop.get("height") or crop.get("shortest_edge")
    bicubic = int(processor.resample) == 3
    return model, side, processor.image_mean, processor.image_std, "bicubic" if bicubic else "bilinear"


def native_architecture(model, options):
    """The architecture that wsi builds for a timm model, or None with the reason on stderr."""
    try:
        return encoder_architectures.of(model, options.pool, options.stages or 4)
    except encoder_architectures.NotNative as reason:
        print(f"export_encoder: wsi does not build this network itself ({reason}); exporting TorchScript", file=sys.stderr)
        return None


def is_used(name, options):
    """Without the head, and without the stages after the last that is averaged."""
    later = tuple(f"layer{stage}." for stage in range((options.stages or 4) + 1, 5))
    return not name.startswith(later or ("\0",)) and not name.endswith("num_batches_tracked")


def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def golden_patch(side):
    """A tissue-like patch: pink ground, purple spots and a little noise, the same bytes everywhere."""
    y, x = numpy.mgrid[0:side, 0:side]
    spots = ((x // 9 * 7 + y // 9 * 13) % 5 == 0).astype(numpy.int64)
    noise = (x * x * 31 + y * y * 17 + x * y * 7) % 23
    channels = [225 - 100 * spots - noise, 170 - 90 * spots - noise, 205 - 55 * spots - noise]
    return numpy.stack(channels, -1).clip(0, 255).astype(numpy.uint8)


def main():
    options = arguments()
    if options.out.exists():
        stop(f"{options.out} exists; give another --out")
    if options.random is not None:
        torch.manual_seed(options.random)
    load = load_transformers if options.transformers else load_timm
    model, side, mean, std, interpolation = load(options)
    if interpolation not in ("bilinear", "bicubic"):
        stop(f"the model wants '{interpolation}' interpolation; wsi has bilinear and bicubic")
    model = model.float().eval()
    network = FirstToken(model, options.pool) if options.transformers else Pooled(model, options.pool, options.stages)
    architecture = None
    if not options.transformers and not options.torchscript:
        architecture = native_architecture(model, options)

    patch = golden_patch(side)
    x = torch.from_numpy(patch).permute(2, 0, 1).float().div(255)[None]
    x = (x - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    try:
        with torch.no_grad():
            features = network(x)[0]
    except Exception as error:
        stop(f"the model does not take a patch of {side} pixels: {' '.join(str(error).split())}")
    if features.dim() != 1 or not torch.isfinite(features).all():
        stop(f"the model gives {tuple(features.shape)} for a patch, not a row of finite numbers")

    options.out.mkdir(parents=True)
    if architecture:
        weights = options.out / "weights.safetensors"
        state = {name: encoder_architectures.stored(name, t) for name, t in model.state_dict().items() if is_used(name, options)}
        save_file(state, weights)
    else:
        weights = options.out / "weights.pt"
        with torch.no_grad(), warnings.catch_warnings():
            # Shape checks that become constants, and that TorchScript is old: the manifest fixes the shape.
            warnings.simplefilter("ignore")
            torch.jit.save(torch.jit.trace(network, x.repeat(2, 1, 1, 1), check_trace=False), weights)
    save_file(
        {"patch": torch.from_numpy(patch), "features": features.contiguous()}, options.out / "check.safetensors"
    )
    # safetensors writes files for their owner alone.
    for file in (weights, options.out / "check.safetensors"):
        file.chmod(0o644)
    licence = options.licence or options.licence_file.read_text(encoding="utf-8").strip()
    manifest = {
        "name": options.name, "dim": features.shape[0], "input": side, "mean": list(mean), "std": list(std),
        "interpolation": interpolation, "mpp": options.mpp, "weights": weights.name, "sha256": digest(weights),
        "check": "check.safetensors", "licence": licence, "source": options.model,
    }
    if architecture:
        manifest["architecture"] = architecture
    (options.out / "encoder.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(options.out / "encoder.json")


if __name__ == "__main__":
    main()
