"""Every kind of file that a command reads, with the commands that read it."""
import base64
import dataclasses
import json
import pathlib
import shutil
import struct
import zipfile

from .encoder import safetensors
from .material import MODEL

# torch.save of arange(6).reshape(3, 2) / 4, whose numbers lie in a file beside it.
PICKLE = base64.b64decode(
    "gAJjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxACgoWAcAAABzdG9yYWdlcQFjdG9yY2gKRmxvYXRTdG9yYWdlCnECWAEAAAAw"
    "cQNYAwAAAGNwdXEESwZ0cQVRSwBLA0sChnEGSwJLAYZxB4ljY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQgpUnEJdHEKUnELLg=="
)


@dataclasses.dataclass
class Target:
    """A file in a folder, and a command in which HERE stands for the folder's copy."""

    name: str
    folder: pathlib.Path
    file: str
    words: list
    is_text: bool = False
    # Whether other bytes may end well and leave other results: where no digest is on record for the file.
    is_free: bool = False


def targets(material):
    """Makes the folders below the material's and lists what can be damaged in them."""
    root = material.folder / "targets"
    root.mkdir(exist_ok=True)
    made = [slides(material, root), tables(material, root), outlines(material, root), foreign(material, root)]
    return sum(made, jobs(material) + encoders(material))


def slides(m, root):
    folder = root / "slides"
    folder.mkdir()
    shutil.copy(m.slides / "sample_001.svs", folder / "one.svs")
    # The same pyramid without Aperio's description: a plain TIFF.
    plain = (m.slides / "sample_001.svs").read_bytes().replace(b"Aperio", b"Plain ")
    (folder / "one.tif").write_bytes(plain)
    found = [Target("svs: tile", folder, "one.svs", ["tile", "HERE/one.svs", "--out", "HERE/out", "--quiet"], is_free=True)]
    found += [Target("svs: info", folder, "one.svs", ["info", "HERE/one.svs"], is_free=True)]
    words = ["tile", "HERE/one.tif", "--slide-mpp", "0.25", "--out", "HERE/out", "--quiet"]
    return found + [Target("tif: tile", folder, "one.tif", words, is_free=True)]


def jobs(m):
    """What stages leave for each other. The same stage makes its own damaged results again; the next refuses them."""
    few, trained = m.predicted, m.trained
    grid, one = "20x_256px_0px_overlap", "sample_001"
    features, patches = f"{grid}/features_he-texture-v1/{one}.h5", f"{grid}/patches/{one}_patches.h5"
    tile = ["tile", "--list", m.list, "--out", "HERE", "--quiet"]
    encode = ["features", "HERE", "--encoder", "he-texture-v1", "--quiet"]
    predict = ["predict", "HERE", "--model", m.trained / "training" / MODEL, "--quiet"]
    heatmap, report = ["heatmap", "HERE", "--model", MODEL, "--quiet"], ["report", "HERE", "--model", MODEL, "--quiet"]
    again, train = ["predict", "HERE", "--model", MODEL, "--quiet"], ["train", "--config", m.study, "--out", "HERE", "--quiet"]
    fold, evaluate = f"training/{MODEL}/fold_0", ["evaluate", "HERE", "--model", MODEL, "--json"]
    found = [
        Target("patches: tile", few, patches, tile), Target("patches: features", few, patches, encode),
        Target("features: features", few, features, encode), Target("features: predict", few, features, predict),
        Target("features: train", trained, features, train),
        Target("prediction: heatmap", few, f"predictions/{MODEL}/{one}.h5", heatmap),
        Target("prediction: report", few, f"predictions/{MODEL}/{one}.h5", report),
        Target("weights: predict", trained, f"{fold}/checkpoint.safetensors", again),
        Target("weights: train", trained, f"{fold}/checkpoint.safetensors", train),
    ]
    texts = {
        f"{fold}/checkpoint.json": [again, train], f"{fold}/predictions.csv": [evaluate, train],
        f"{fold}/history.csv": [train], f"training/{MODEL}/metrics.json": [train, evaluate],
        f"training/{MODEL}/study.json": [again, evaluate, train],
        f"training/{MODEL}/splits/splits_0.csv": [again, evaluate, train],
        f"outcomes/train_{MODEL}/fold_0.json": [again, train, evaluate],
        f"outcomes/predict_{MODEL}/{one}.json": [heatmap, report],
    }
    for file, commands in texts.items():
        found += [Target(f"{pathlib.Path(file).name}: {words[0]}", trained, file, words, is_text=True) for words in commands]
    for file in f"outcomes/tile/{one}.json", f"outcomes/features_he-texture-v1/{one}.json":
        for words in tile, encode, predict, ["status", "HERE"]:
            free = words[0] == "status"
            found.append(Target(f"{pathlib.Path(file).parent.name} outcome: {words[0]}", few, file, words, True, free))
    return found


def tables(m, root):
    """A study whose config, labels and splits lie in one folder."""
    folder = root / "study"
    folder.mkdir()
    shutil.copytree(m.trained / f"training/{MODEL}/splits", folder / "splits")
    shutil.copy(m.labels, folder / "labels.csv")
    config = m.config(cohort={"slides": str(m.slides), "labels": "labels.csv", "splits": "splits/splits_*.csv"})
    (folder / "study.json").write_text(json.dumps(config, indent=1))
    names = sorted(path.stem for path in m.slides.glob("*.svs"))[:2]
    (folder / "list.csv").write_text("wsi,slide_id,mpp\n" + "".join(f"{m.slides}/{name}.svs,{name},0.25\n" for name in names))
    check, listed = ["check", "--config", "HERE/study.json"], ["tile", "--list", "HERE/list.csv", "--out", "HERE/out", "--dry-run"]
    files = {"study.json": check, "labels.csv": check, "splits/splits_0.csv": check, "list.csv": listed}
    return [Target(f"{pathlib.Path(file).name}: {words[0]}", folder, file, words, True, True) for file, words in files.items()]


def outlines(m, root):
    """Outlines that people drew, in GeoJSON and in ASAP's XML."""
    folder = root / "outlines"
    (folder / "regions").mkdir(parents=True)
    corners = [[200, 200], [1800, 220], [1700, 1900], [240, 1800], [200, 200]]
    polygon = {"type": "Polygon", "coordinates": [corners]}
    shape = {"type": "Feature", "properties": {"classification": {"name": "Tumor"}}, "geometry": polygon}
    collection = {"type": "FeatureCollection", "features": [shape]}
    (folder / "regions/sample_001.geojson").write_text(json.dumps(collection, indent=1))
    points = "".join(f'<Coordinate Order="{i}" X="{x}" Y="{y}"/>' for i, (x, y) in enumerate(corners))
    (folder / "asap").mkdir()
    (folder / "asap/sample_001.xml").write_text(
        '<?xml version="1.0"?>\n<ASAP_Annotations><Annotations>\n<Annotation Name="a" Type="Polygon" PartOfGroup="Tumor">\n'
        f"<Coordinates>{points}</Coordinates></Annotation>\n</Annotations></ASAP_Annotations>\n"
    )
    slide = m.slides / "sample_001.svs"
    found = []
    for place, file in ("regions", "regions/sample_001.geojson"), ("asap", "asap/sample_001.xml"):
        words = ["tile", slide, "--regions", f"HERE/{place}", "--origin", "slide", "--out", "HERE/out", "--quiet"]
        found.append(Target(f"{place}: tile", folder, file, words, True, True))
        words = ["evaluate", m.trained, "--model", MODEL, "--annotations", f"HERE/{place}", "--json"]
        found.append(Target(f"{place}: evaluate", folder, file, words, True, True))
    return found


def foreign(m, root):
    """Features of other tools, for which there is no digest: a folder of HDF5, and one of torch.save."""
    found = []
    for kind in "h5", "pt", "safetensors":
        folder = root / f"foreign-{kind}"
        (folder / "features").mkdir(parents=True)
        shutil.copy(m.labels, folder / "labels.csv")
        config = m.config(cohort={"labels": "labels.csv", "folds": 2, "val_fraction": 0.3}, features={"path": "features"})
        for slide in sorted(m.slides.glob("*.svs")):
            target = folder / "features" / f"{slide.stem}.{kind}"
            if kind == "h5":
                shutil.copy(m.trained / f"20x_256px_0px_overlap/features_he-texture-v1/{slide.stem}.h5", target)
            elif kind == "pt":
                write_tensor(target)
        file = f"features/sample_001.{kind}"
        if kind == "safetensors":
            names = [slide.stem for slide in m.slides.glob("*.svs")]
            bags = {f"{name}/features": ([4, 8], range(32)) for name in names}
            (folder / "all.safetensors").write_bytes(safetensors(bags))
            config["features"], file = {"path": "all.safetensors"}, "all.safetensors"
        (folder / "study.json").write_text(json.dumps(config))
        check = ["check", "--config", "HERE/study.json"]
        for words in check, ["train", *check[1:], "--out", "HERE/out", "--quiet"]:
            found.append(Target(f"foreign {kind}: {words[0]}", folder, file, words, is_free=True))
    return found


def write_tensor(target):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        floats = struct.pack("<6f", *(i / 4 for i in range(6)))
        for name, content in ("data.pkl", PICKLE), ("byteorder", b"little"), ("data/0", floats), ("version", b"3\n"):
            archive.writestr(zipfile.ZipInfo(f"slide/{name}", (1980, 1, 1, 0, 0, 0)), content)


def encoders(m):
    tiny, script = m.encoder.parent, m.script.parent
    check, trust = ["encoder", "check", "HERE/encoder.json"], ["encoder", "trust", "HERE/encoder.json", "--yes"]
    encode = ["features", "HERE/job", "--encoder", "HERE/encoder.json", "--precision", "fp32", "--quiet"]
    found = [Target("encoder.json: trust", script, "encoder.json", trust, True, True)]
    found += [Target("TorchScript: trust", script, "weights.pt", trust, is_free=True)]
    alone = ["encoder", "trust", "HERE/weights.pt", "--yes"]
    found += [Target("TorchScript alone: trust", script, "weights.pt", alone, is_free=True)]
    # The job for it is beside the encoder in the copy; see mutations.
    found += [Target("encoder.json: features", tiny, "encoder.json", encode, True, True)]
    found += [Target("encoder weights: features", tiny, "weights.safetensors", encode)]
    return found + [Target("encoder.json: check", tiny, "encoder.json", check, True, True)]
