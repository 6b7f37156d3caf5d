#include "ctiff_tiles.h"

#include <stdlib.h>
#include <tiffio.h>

struct ctiff_tiles {
    TIFF *tiff;
    struct ctiff_tile_format format;
};

static int has_size(TIFF *tiff, uint32_t width, uint32_t height) {
    uint32_t across = 0, down = 0;
    return TIFFIsTiled(tiff) && TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &across) &&
           TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &down) && across == width && down == height;
}

/// Makes the only directory of the size the current one.
static int select_directory(TIFF *tiff, uint32_t width, uint32_t height) {
    int found = 0;
    tdir_t directory = 0;
    do {
        if (!has_size(tiff, width, height)) continue;
        found += 1;
        directory = TIFFCurrentDirectory(tiff);
    } while (TIFFReadDirectory(tiff));
    return found == 1 && TIFFSetDirectory(tiff, directory);
}

static int read_format(TIFF *tiff, struct ctiff_tile_format *format) {
    void *tables = NULL;
    format->tile_count = TIFFNumberOfTiles(tiff);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &format->planar_configuration);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &format->bits_per_sample);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &format->samples_per_pixel);
    if (TIFFGetField(tiff, TIFFTAG_JPEGTABLES, &format->jpeg_tables_count, &tables)) format->jpeg_tables = tables;
    return TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &format->width) &&
           TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &format->height) &&
           TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &format->tile_width) &&
           TIFFGetField(tiff, TIFFTAG_TILELENGTH, &format->tile_height) &&
           TIFFGetField(tiff, TIFFTAG_COMPRESSION, &format->compression) &&
           TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &format->photometric);
}

int ctiff_tiles_open(const char *path, uint32_t width, uint32_t height, ctiff_tiles **out) {
    *out = NULL;
    ctiff_tiles *tiles = calloc(1, sizeof *tiles);
    if (tiles == NULL) return 1;
    // "m": no memory map, a file that shrinks while it is read must not end the process. "D": the tables of tiles are
    // read when they are asked for, not for each directory that is passed over.
    tiles->tiff = TIFFOpen(path, "rmD");
    if (tiles->tiff == NULL || !select_directory(tiles->tiff, width, height) ||
        !read_format(tiles->tiff, &tiles->format)) {
        ctiff_tiles_close(tiles);
        return 1;
    }
    *out = tiles;
    return 0;
}

struct ctiff_tile_format ctiff_tiles_format(const ctiff_tiles *tiles) { return tiles->format; }

int ctiff_tiles_byte_count(ctiff_tiles *tiles, uint32_t tile, uint64_t *count) {
    int failed = 0;
    *count = TIFFGetStrileByteCountWithErr(tiles->tiff, tile, &failed);
    return failed != 0;
}

int ctiff_tiles_read(ctiff_tiles *tiles, uint32_t tile, uint8_t *bytes, size_t count) {
    return TIFFReadRawTile(tiles->tiff, tile, bytes, (tmsize_t)count) != (tmsize_t)count;
}

void ctiff_tiles_close(ctiff_tiles *tiles) {
    if (tiles == NULL) return;
    if (tiles->tiff != NULL) TIFFClose(tiles->tiff);
    free(tiles);
}
