#!/usr/bin/env python3
"""Encoders with the features that a library gave, for a machine with a GPU: scripts/gpu_golden.py WSI FOLDER

    for file in FOLDER/*/encoder.json; do wsi encoder check "$file" --device cuda --precision fp32; done

Of every small network of Tests/EncodersTests/Imported it writes FOLDER/NAME/{encoder.json,weights.safetensors,check.safetensors}:
the weights are the recipe's (scripts/encoder_recipe.py), imported by WSI, and the golden patch is the first one of the largest
side that there are features for. Needs Python's own library alone.
"""
import array
import json
import math
import pathlib
import subprocess
import sys
import tempfile

IMPORTED = pathlib.Path(__file__).resolve().parent.parent / "Tests/EncodersTests/Imported"


def single(value):
    return array.array("f", [value])[0]


def uniform(name, count):
    """As encoder_recipe.uniform."""
    mask = 2**64 - 1
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 & mask
    numbers = array.array("f", bytes(4 * count))
    for index in range(count):
        z = seed + (index + 1) * 0x9E3779B97F4A7C15 & mask
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        numbers[index] = ((z ^ z >> 31) >> 40) / 2**24
    return numbers


def values(name, shape):
    """As encoder_recipe.values."""
    numbers = uniform(name, math.prod(shape))
    if name.endswith(("running_var", "gamma")) or (name.endswith("weight") and len(shape) == 1):
        return array.array("f", [u + 0.5 for u in numbers])
    fan = math.prod(shape[1:]) if len(shape) > 1 and name.endswith("weight") else 12
    spread = single(math.sqrt(12 / fan))
    return array.array("f", [single(u - 0.5) * spread for u in numbers])


def write(path, tensors):
    """A safetensors file of {name: (dtype, shape, bytes)}."""
    header, data = {}, b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def make(wsi, name, reference, folder):
    with tempfile.TemporaryDirectory() as scratch:
        model = pathlib.Path(scratch)
        tensors = {}
        for tensor, shape in reference["tensors"].items():
            if tensor.endswith(("num_batches_tracked", "relative_position_index")):
                tensors[tensor] = ("I64", shape, bytes(8 * math.prod(shape)))
            else:
                tensors[tensor] = ("F32", shape, values(tensor, shape).tobytes())
        write(model / "model.safetensors", tensors)
        for file, content in reference["files"].items():
            (model / file).write_text(json.dumps(content))
        side = max(int(side) for side in reference["features"])
        wishes = [word for key, value in reference["wishes"].items() for word in (f"--{key}", str(value))]
        subprocess.run(
            [wsi, "encoder", "import", str(model), "--name", name, "--mpp", "0.5", "--licence", "none", "--input", str(side),
             *wishes, "--out", str(folder)],
            check=True, stdout=subprocess.DEVNULL)
    features = reference["features"][str(side)][0]
    # Two patches are drawn, and the first is taken.
    patch = bytes(int(u * 256) for u in uniform(f"pixels of {side}", 2 * side * side * 3)[:side * side * 3])
    write(folder / "check.safetensors", {
        "patch": ("U8", [side, side, 3], patch),
        "features": ("F32", [len(features)], array.array("f", features).tobytes()),
    })
    manifest = json.loads((folder / "encoder.json").read_text())
    manifest["check"] = "check.safetensors"
    (folder / "encoder.json").write_text(json.dumps(manifest, indent=2) + "\n")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: scripts/gpu_golden.py WSI FOLDER")
    wsi, out = str(pathlib.Path(sys.argv[1]).absolute()), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for file in sorted(IMPORTED.glob("*.json")):
        reference = json.loads(file.read_text())
        if reference.get("tensors") and reference.get("features"):
            make(wsi, file.stem, reference, out / file.stem)


main()
