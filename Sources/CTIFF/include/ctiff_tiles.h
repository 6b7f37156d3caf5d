#pragma once

#include <stddef.h>
#include <stdint.h>

/// The compressed tiles of one directory of a TIFF, as they lie in the file.
typedef struct ctiff_tiles ctiff_tiles;

/// How a directory stores its tiles; numbers are the tags' own.
struct ctiff_tile_format {
    uint32_t width, height;
    uint32_t tile_width, tile_height;
    uint32_t tile_count;
    uint16_t compression;
    uint16_t photometric;
    uint16_t planar_configuration;
    uint16_t bits_per_sample;
    uint16_t samples_per_pixel;
    /// JPEGTables, or NULL; belongs to the `ctiff_tiles`.
    const uint8_t *jpeg_tables;
    uint32_t jpeg_tables_count;
};

/// Opens the one tiled directory whose image has this size.
///
/// Returns 0 and hands over `*tiles` (close with `ctiff_tiles_close`); else, where no directory or several have the
/// size or libtiff cannot read the file, 1 and a null `*tiles`.
int ctiff_tiles_open(const char *path, uint32_t width, uint32_t height, ctiff_tiles **tiles);

struct ctiff_tile_format ctiff_tiles_format(const ctiff_tiles *tiles);

/// Sets `*count` to the bytes of a compressed tile, 0 for one that the file leaves out. Returns 0, or 1 where libtiff
/// cannot tell.
int ctiff_tiles_byte_count(ctiff_tiles *tiles, uint32_t tile, uint64_t *count);

/// Reads the first `count` bytes of a compressed tile, `count` at most its byte count. Returns 0, or 1.
int ctiff_tiles_read(ctiff_tiles *tiles, uint32_t tile, uint8_t *bytes, size_t count);

void ctiff_tiles_close(ctiff_tiles *tiles);
