#include "ctiff_directories.h"

#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

struct ctiff_file {
    TIFF *tiff;
    // Of the selected directory.
    uint64_t decoded_bytes;
    // Of the whole file.
    uint64_t bytes;
};

int ctiff_open(const char *path, ctiff_file **out) {
    *out = NULL;
    ctiff_file *file = calloc(1, sizeof *file);
    if (file == NULL) return 1;
    // "m": no memory map, a file that shrinks while it is read must not end the process. "D": the tables of parts are
    // read when they are asked for, not for each directory that is passed over.
    file->tiff = TIFFOpen(path, "rmD");
    if (file->tiff == NULL) {
        free(file);
        return 1;
    }
    file->bytes = TIFFGetSizeProc(file->tiff)(TIFFClientdata(file->tiff));
    *out = file;
    return 0;
}

void ctiff_close(ctiff_file *file) {
    if (file == NULL) return;
    TIFFClose(file->tiff);
    free(file);
}

int ctiff_select_next(ctiff_file *file) { return !TIFFReadDirectory(file->tiff); }

int ctiff_select(ctiff_file *file, uint64_t offset) { return !TIFFSetSubDirectory(file->tiff, offset); }

static int read_parts(TIFF *tiff, struct ctiff_directory *directory) {
    directory->is_tiled = TIFFIsTiled(tiff);
    if (directory->is_tiled) {
        directory->part_count = TIFFNumberOfTiles(tiff);
        directory->decoded_bytes = (uint64_t)TIFFTileSize64(tiff);
        return TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &directory->part_width) &&
               TIFFGetField(tiff, TIFFTAG_TILELENGTH, &directory->part_height);
    }
    directory->part_count = TIFFNumberOfStrips(tiff);
    directory->decoded_bytes = (uint64_t)TIFFScanlineSize64(tiff);
    directory->part_width = directory->width;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &directory->part_height);
    if (directory->part_height > directory->height) directory->part_height = directory->height;
    return directory->part_height > 0;
}

static void read_samples(TIFF *tiff, struct ctiff_directory *directory) {
    uint16_t *kinds = NULL, lowest = 0, highest = 0;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &directory->planar_configuration);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &directory->bits_per_sample);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &directory->samples_per_pixel);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &directory->sample_format);
    directory->photometric = UINT16_MAX;
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &directory->photometric);
    if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &directory->extra_count, &kinds) && directory->extra_count > 0)
        directory->first_extra = kinds[0];
    if (TIFFGetField(tiff, TIFFTAG_SMINSAMPLEVALUE, &directory->lowest) &&
        TIFFGetField(tiff, TIFFTAG_SMAXSAMPLEVALUE, &directory->highest))
        return;
    directory->lowest = directory->highest = 0;
    if (!TIFFGetField(tiff, TIFFTAG_MAXSAMPLEVALUE, &highest)) return;
    TIFFGetField(tiff, TIFFTAG_MINSAMPLEVALUE, &lowest);
    directory->lowest = lowest;
    directory->highest = highest;
}

static void read_resolution(TIFF *tiff, struct ctiff_directory *directory) {
    float x = 0, y = 0;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &directory->resolution_unit);
    if (!TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x) || !TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &y)) return;
    directory->x_resolution = x;
    directory->y_resolution = y;
}

static void read_attached(TIFF *tiff, struct ctiff_directory *directory) {
    char *text = NULL;
    void *bytes = NULL;
    uint16_t count = 0;
    uint64_t *children = NULL;
    if (TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text)) directory->description = text;
    if (TIFFGetField(tiff, TIFFTAG_SOFTWARE, &text)) directory->software = text;
    if (TIFFGetField(tiff, TIFFTAG_JPEGTABLES, &directory->jpeg_tables_count, &bytes)) directory->jpeg_tables = bytes;
    if (TIFFGetField(tiff, TIFFTAG_ICCPROFILE, &directory->icc_profile_count, &bytes)) directory->icc_profile = bytes;
    if (!TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &children)) return;
    directory->children = children;
    directory->child_count = count;
}

int ctiff_describe(ctiff_file *file, struct ctiff_directory *directory) {
    TIFF *tiff = file->tiff;
    memset(directory, 0, sizeof *directory);
    file->decoded_bytes = 0;
    directory->offset = TIFFCurrentDirOffset(tiff);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SUBFILETYPE, &directory->subfile_type);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &directory->orientation);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &directory->compression);
    if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &directory->width) ||
        !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &directory->height) || !read_parts(tiff, directory))
        return 1;
    read_samples(tiff, directory);
    read_resolution(tiff, directory);
    read_attached(tiff, directory);
    file->decoded_bytes = directory->decoded_bytes;
    return 0;
}

int ctiff_has_tag(ctiff_file *file, uint32_t tag) {
    int count = TIFFGetTagListCount(file->tiff);
    for (int index = 0; index < count; index++)
        if (TIFFGetTagListEntry(file->tiff, index) == tag) return 1;
    return 0;
}

int ctiff_decodes(uint16_t compression) { return TIFFIsCODECConfigured(compression); }

int ctiff_byte_count(ctiff_file *file, uint32_t part, uint64_t *count) {
    int failed = 0;
    *count = TIFFGetStrileByteCountWithErr(file->tiff, part, &failed);
    if (failed || *count == 0) return failed;
    uint64_t place = TIFFGetStrileOffsetWithErr(file->tiff, part, &failed);
    if (place == 0) *count = 0;
    return failed != 0 || place > file->bytes || *count > file->bytes - place;
}

int ctiff_read_stored(ctiff_file *file, uint32_t part, uint8_t *bytes, size_t count) {
    tmsize_t wanted = (tmsize_t)count;
    tmsize_t got = TIFFIsTiled(file->tiff) ? TIFFReadRawTile(file->tiff, part, bytes, wanted)
                                           : TIFFReadRawStrip(file->tiff, part, bytes, wanted);
    return got != wanted;
}

int ctiff_decode_tile(ctiff_file *file, uint32_t tile, uint8_t *bytes, size_t count) {
    if (!TIFFIsTiled(file->tiff) || count == 0 || count != file->decoded_bytes) return 1;
    return TIFFReadEncodedTile(file->tiff, tile, bytes, (tmsize_t)count) != (tmsize_t)count;
}

int ctiff_decode_row(ctiff_file *file, uint32_t row, uint16_t sample, uint8_t *bytes, size_t count) {
    if (TIFFIsTiled(file->tiff) || count == 0 || count != file->decoded_bytes) return 1;
    return TIFFReadScanline(file->tiff, bytes, row, sample) != 1;
}

void ctiff_be_silent(void) {
    TIFFSetWarningHandler(NULL);
    TIFFSetErrorHandler(NULL);
}

const char *ctiff_version(void) { return TIFFGetVersion(); }
