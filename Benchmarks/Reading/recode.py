#!/usr/bin/env python3
"""Writes the tiles of a JPEG slide in other forms, so that each form can be measured on the same picture.

usage: recode FORM SLIDE TARGET

    j2k         an Aperio TIFF whose tiles are JPEG 2000 (compression 33005)
    dicom       a folder of DICOM instances, one per level, whose frames are the slide's own JPEG tiles
    dicom-j2k   such a folder whose frames are JPEG 2000
    strips      a TIFF of 10,000 x 10,000 pixels in strips (deflate), the slide's middle

A tile that occurs twice is coded once. Wants numpy, tifffile, imagecodecs and pydicom. What is there already stays.
"""
import hashlib
import pathlib
import shutil
import struct
import sys

import imagecodecs
import numpy
import tifffile
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import JPEG2000, UID, JPEGBaseline8Bit, generate_uid

QUALITY = 38  # dB of JPEG 2000, where bytes are about as many as scanners take


class Tiles:
    """The tiles of one level, as they are stored and in JPEG 2000."""

    def __init__(self, page, file):
        self.page, self.file = page, file
        self.coded = {}
        self.tables = page.jpegtables

    def __len__(self):
        return len(self.page.dataoffsets)

    def stored(self):
        for start, count in zip(self.page.dataoffsets, self.page.databytecounts):
            self.file.seek(start)
            yield self.file.read(count)

    def pixels(self, tile):
        colour = "RGB" if self.page.photometric == tifffile.PHOTOMETRIC.RGB else "YCBCR"
        return imagecodecs.jpeg8_decode(tile, tables=self.tables, colorspace=colour, outcolorspace="RGB")

    def jpeg(self):
        """Whole streams: an instance has no place for tables that all its frames share."""
        tables = self.tables[2:-2] if self.tables else b""
        return (tile[:2] + tables + tile[2:] for tile in self.stored())

    def jpeg2000(self):
        for tile in self.stored():
            key = hashlib.sha256(tile).digest()
            if key not in self.coded:
                self.coded[key] = imagecodecs.jpeg2k_encode(
                    self.pixels(tile), level=QUALITY, codecformat="j2k", mct=True, resolutions=5, reversible=False
                )
            yield self.coded[key]


def levels(slide):
    return [page for page in slide.pages if page.is_tiled]


def write_tiff(slide, target):
    with tifffile.TiffWriter(target, bigtiff=True) as out:
        for page in levels(slide):
            height, width = page.shape[:2]
            out.write(
                Tiles(page, slide.filehandle).jpeg2000(),
                shape=(height, width, 3),
                dtype="uint8",
                tile=(page.tilelength, page.tilewidth),
                photometric="rgb",
                compression=33005,
                description=f"Aperio Image Library\n{width}x{height} [0,0 {width}x{height}] ({page.tilewidth}x{page.tilelength})"
                " J2K/KDU Q=30|AppMag = 20|MPP = 0.5",
                metadata=None,
                subfiletype=int(page.index > 0),
            )


def write_strips(slide, target, side=10_000):
    page = levels(slide)[0]
    tiles, columns = Tiles(page, slide.filehandle), -(-page.shape[1] // page.tilewidth)
    rows, across = page.tilelength, range(columns // 3, columns // 3 + -(-side // page.tilewidth))
    first = -(-page.shape[0] // rows) // 3
    picture = numpy.empty((-(-side // rows) * rows, len(across) * page.tilewidth, 3), numpy.uint8)
    for number, tile in enumerate(tiles.stored()):
        row, column = number // columns - first, number % columns - across[0]
        if 0 <= row < len(picture) // rows and 0 <= column < len(across):
            picture[row * rows :, column * page.tilewidth :][:rows, : page.tilewidth] = tiles.pixels(tile)
    tifffile.imwrite(
        target,
        numpy.ascontiguousarray(picture[:side, :side]),
        photometric="rgb",
        compression="deflate",
        rowsperstrip=64,
        resolution=(20_000, 20_000),
        resolutionunit="CENTIMETER",
        metadata=None,
    )


def instance(page, tiles, syntax, series, whole):
    """All of an instance but its pixels (PS3.3, A.32.8); `whole` is the width of level 0, at 0.5 µm."""
    height, width = page.shape[:2]
    data = Dataset()
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.6"
    data.SOPInstanceUID = generate_uid()
    data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = series
    data.Modality = "SM"
    first = page.index == 0
    data.ImageType = ["ORIGINAL" if first else "DERIVED", "PRIMARY", "VOLUME", "NONE" if first else "RESAMPLED"]
    data.SamplesPerPixel, data.PlanarConfiguration = 3, 0
    if syntax == JPEG2000:
        data.PhotometricInterpretation = "YBR_ICT"
    else:
        data.PhotometricInterpretation = "RGB" if page.photometric == tifffile.PHOTOMETRIC.RGB else "YBR_FULL_422"
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    data.Rows, data.Columns, data.NumberOfFrames = page.tilelength, page.tilewidth, len(tiles)
    data.TotalPixelMatrixRows, data.TotalPixelMatrixColumns, data.TotalPixelMatrixFocalPlanes = height, width, 1
    data.DimensionOrganizationType = "TILED_FULL"
    data.NumberOfOpticalPaths = 1
    side = 0.0005 * whole / width
    data.ImagedVolumeWidth, data.ImagedVolumeHeight = side * width, side * height
    path = Dataset()
    path.OpticalPathIdentifier = "1"
    data.OpticalPathSequence = [path]
    measures = Dataset()
    measures.PixelSpacing = [f"{side:.8f}", f"{side:.8f}"]
    measures.SliceThickness = 0.001
    shared = Dataset()
    shared.PixelMeasuresSequence = [measures]
    data.SharedFunctionalGroupsSequence = [shared]
    return data


def write_dicom(slide, target, syntax):
    target.mkdir()
    series = [generate_uid() for _ in range(3)]
    whole = levels(slide)[0].shape[1]
    for number, page in enumerate(levels(slide)):
        tiles = Tiles(page, slide.filehandle)
        data = instance(page, tiles, syntax, series, whole)
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = data.SOPClassUID, data.SOPInstanceUID
        meta.TransferSyntaxUID = UID(syntax)
        data.file_meta = meta
        path = target / f"{number}.dcm"
        data.save_as(path, enforce_file_format=True)
        with open(path, "ab") as out:  # frame by frame: the pixels of a slide are no one's to hold
            out.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF))
            out.write(struct.pack("<HHI", 0xFFFE, 0xE000, 0))
            for frame in tiles.jpeg() if syntax == JPEGBaseline8Bit else tiles.jpeg2000():
                frame += bytes(len(frame) % 2)
                out.write(struct.pack("<HHI", 0xFFFE, 0xE000, len(frame)) + frame)
            out.write(struct.pack("<HHI", 0xFFFE, 0xE0DD, 0))


def main():
    form, source, target = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    if target.exists():
        return
    part = target.with_name(target.name + ".part")
    # Of a run that was interrupted.
    shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
    with tifffile.TiffFile(source) as slide:
        if form == "j2k":
            write_tiff(slide, part)
        elif form == "strips":
            write_strips(slide, part)
        else:
            write_dicom(slide, part, {"dicom": JPEGBaseline8Bit, "dicom-j2k": JPEG2000}[form])
    part.rename(target)


main()
