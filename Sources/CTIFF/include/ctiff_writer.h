#pragma once
#include <stddef.h>
#include <stdint.h>

// Writes tiled TIFF files: JPEG for slides, deflate with alpha for what lies over them. Every function returns 0 or -1; after -1 `ctiff_writer_message` tells why.
// libtiff's variadic calls, its setjmp and its error printing stay inside.

typedef struct ctiff_writer ctiff_writer;

// Values of the TIFF tag ResolutionUnit.
enum { CTIFF_UNIT_NONE = 1, CTIFF_UNIT_INCH = 2, CTIFF_UNIT_CENTIMETRE = 3 };

// One directory of the file.
typedef struct {
    uint32_t width, height;
    uint32_t tile_size;                  // side of the square tiles, a multiple of 16
    int rgba;                            // 1: RGBA multiplied by alpha, deflate; the next four fields mean nothing then
    int quality;                         // JPEG quality, 1 to 100
    int rgb_components;                  // 1: store RGB unconverted; 0: store YCbCr
    int subsample_x, subsample_y;        // chroma subsampling of YCbCr: 1 or 2
    int reduced;                         // 1: marked as a reduced version of another image
    const char *description;             // ImageDescription, or NULL
    int resolution_unit;                 // CTIFF_UNIT_NONE leaves the resolution out
    double resolution;                   // pixels per unit
} ctiff_level;

// What the last failing call of this thread reported; never NULL.
const char *ctiff_writer_message(void);
// The `errno` of the system call that made it fail; 0 where there was none.
int ctiff_writer_errno(void);

// Makes or truncates the file; `big` selects BigTIFF.
int ctiff_writer_open(const char *path, int big, ctiff_writer **out);
int ctiff_writer_begin_level(ctiff_writer *writer, const ctiff_level *level);
// Writes the tile whose top-left pixel is (x, y); `count` must be tile_size * tile_size * 3, or * 4 for RGBA. The pixels
// are only read.
int ctiff_writer_write_tile(ctiff_writer *writer, uint32_t x, uint32_t y, const uint8_t *pixels, size_t count);
int ctiff_writer_end_level(ctiff_writer *writer);
// Frees the writer; an unfinished level is dropped with it.
void ctiff_writer_close(ctiff_writer *writer);
