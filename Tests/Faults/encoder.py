"""A neural encoder small enough to be made here: one residual block of 64 channels, with an encoder.json."""
import array
import hashlib
import json
import struct
import zipfile


def safetensors(tensors):
    """The bytes of a safetensors file of fp32 `tensors`: shape and values by name."""
    header, body = {}, b""
    for name, (shape, values) in sorted(tensors.items()):
        data = array.array("f", values).tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def write(folder, name="tiny"):
    """Writes weights and manifest; returns the manifest's path."""
    tensors = {}
    for layer, shape in ("conv1", [64, 3, 7, 7]), ("layer1.0.conv1", [64, 64, 3, 3]), ("layer1.0.conv2", [64, 64, 3, 3]):
        count = shape[0] * shape[1] * shape[2] * shape[3]
        tensors[f"{layer}.weight"] = shape, [(i * 7919 % 101 - 50) / 2000 for i in range(count)]
    for norm in "bn1", "layer1.0.bn1", "layer1.0.bn2":
        for part, value in ("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1):
            tensors[f"{norm}.{part}"] = [64], [value] * 64
    weights = safetensors(tensors)
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(weights)
    manifest = manifest_of(name, "weights.safetensors", weights)
    manifest["architecture"] = {"family": "resnet", "block": "basic", "layers": [1]}
    (folder / "encoder.json").write_text(json.dumps(manifest))
    return folder / "encoder.json"


def write_script(folder):
    """Writes an archive that has all marks of TorchScript, though LibTorch would find no network in it."""
    folder.mkdir(parents=True)
    weights = folder / "weights.pt"
    with zipfile.ZipFile(weights, "w", zipfile.ZIP_STORED) as archive:
        for name, content in {
            "net/constants.pkl": b"\x80\x02).", "net/data.pkl": b"\x80\x02}q\x00.", "net/version": b"3\n",
            "net/code/__torch__.py": b"class Net(Module):\n  def forward(self, x: Tensor) -> Tensor:\n    return x\n",
        }.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    (folder / "encoder.json").write_text(json.dumps(manifest_of("script", "weights.pt", weights.read_bytes())))
    return folder / "encoder.json"


def manifest_of(name, file, weights):
    return {
        "name": name, "dim": 64, "input": 64, "mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bilinear",
        "weights": file, "sha256": hashlib.sha256(weights).hexdigest(), "licence": "CC0", "source": "a test", "mpp": 0.5,
    }
