"""Patches of slides for a DataLoader, by openslide-python or libopenslide itself."""
import ctypes
import ctypes.util
import json
import os
import pathlib
import sys

import torch


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
