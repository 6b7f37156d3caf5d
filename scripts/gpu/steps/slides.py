"""Large slides under many names, and small ones; with the places of their tissue."""
import json
import os

# Of a patch, in pixels.
SIDE = 224


def step(lab):
    result = {}
    large, small = ((2, 2048, 4), (4, 2048, 4)) if lab.tiny else ((8, 8192, 96), (200, 2048, 200))
    for kind, seed, (count, side, names) in ("large", 7, large), ("small", 8, small):
        made, job, folder = lab.folder / f"made-{kind}", lab.folder / f"tiled-{kind}", lab.folder / kind
        lab.run(lab.wsi, "sample", made, "--slides", count, "--side", side, "--seed", seed, "--quiet")
        sources = sorted((made / "slides").iterdir())
        lab.run(lab.wsi, "tile", *sources, "--out", job, "--patch-size", SIDE, "--quiet")
        corners = {source.stem: on_tissue(job / f"contours_geojson/{source.stem}.geojson", SIDE) for source in sources}
        folder.mkdir()
        listed = []
        for number in range(names):
            source = sources[number % len(sources)]
            path = folder / f"{kind}_{number:03}{source.suffix}"
            os.link(source, path)
            listed.append({"slide": str(path), "side": SIDE, "corners": corners[source.stem]})
        (lab.folder / f"{kind}.json").write_text(json.dumps(listed))
        result[kind] = {"slides": names, "patches": sum(len(slide["corners"]) for slide in listed)}
    return result


def on_tissue(path, side):
    """Corners of a grid whose squares' middles lie on tissue, in level-0 pixels."""
    rings = []
    for feature in json.loads(path.read_text())["features"]:
        shape = feature["geometry"]
        rings += [ring for part in (shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]) for ring in part]
    corners = []
    rows = range(0, int(max(y for ring in rings for _, y in ring)), side) if rings else []
    for y in rows:
        middle, crossings = y + side / 2, []
        for ring in rings:
            for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1]):
                if (y0 > middle) != (y1 > middle):
                    crossings.append(x0 + (middle - y0) * (x1 - x0) / (y1 - y0))
        crossings.sort()
        for start, end in zip(crossings[::2], crossings[1::2]):
            first = max(0, int(-(-(start - side / 2) // side)))
            corners += [[x, y] for x in range(first * side, int(end - side / 2) + 1, side)]
    return corners
