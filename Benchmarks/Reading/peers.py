"""Reads patches with one Python library for `bench-read`: a JSON task line, then one pass for each further line.

Answers the library's version (or "missing"), then the CPU seconds of each pass. Every patch ends as RGB bytes, as a trainer
takes it; the slide is opened anew for each pass, outside the time.
"""
import json
import sys
import time


def openslide_python():
    import openslide

    def reader(path):
        slide = openslide.OpenSlide(path)
        return lambda x, y, side: slide.read_region((x, y), 0, (side, side)).convert("RGB")

    return f"{openslide.__version__} on OpenSlide {openslide.__library_version__}", reader


def tiffslide():
    import tiffslide

    def reader(path):
        slide = tiffslide.TiffSlide(path)
        return lambda x, y, side: slide.read_region((x, y), 0, (side, side), as_array=True)

    return tiffslide.__version__, reader


def pyvips():
    import pyvips

    # One thread: what is compared is work, and its waiting threads would count as such.
    def reader(path):
        region = pyvips.Region.new(pyvips.Image.tiffload(path))
        return lambda x, y, side: region.fetch(x, y, side, side)

    return f"{pyvips.__version__} on libvips {pyvips.version(0)}.{pyvips.version(1)}", reader


def cucim():
    import cucim
    import numpy

    cucim.CuImage.cache("per_process", memory_capacity=128)

    def reader(path):
        image = cucim.CuImage(path)
        return lambda x, y, side: numpy.asarray(image.read_region((x, y), (side, side), 0))

    return cucim.__version__, reader


def main():
    task = json.loads(sys.stdin.readline())
    try:
        version, reader = globals()[sys.argv[1]]()
    except ImportError:
        print("missing", flush=True)
        return
    print(version, flush=True)
    for _ in sys.stdin:
        read = reader(task["path"])
        start = time.process_time()
        for x, y in task["corners"]:
            read(x, y, task["side"])
        print(time.process_time() - start, flush=True)


main()
