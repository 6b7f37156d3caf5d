#pragma once

#include <stddef.h>
#include <stdint.h>

/// An open TIFF, one of its directories selected: the first one at the beginning. Its parts are tiles or strips, counted
/// plane by plane where each sample has a plane of its own.
typedef struct ctiff_file ctiff_file;

/// How a directory stores its image; numbers are the tags' own, and their defaults where it has none. What is pointed to
/// belongs to the `ctiff_file`, until another directory is selected.
struct ctiff_directory {
    /// Where it lies in the file.
    uint64_t offset;
    uint32_t width, height;
    int is_tiled;
    /// Of a tile; of a strip the image's width and the rows of all strips but the last.
    uint32_t part_width, part_height;
    /// Of all planes.
    uint32_t part_count;
    /// Of one plane where there are several: of a decoded tile, or of a decoded row of strips.
    uint64_t decoded_bytes;
    uint32_t subfile_type;
    uint16_t compression;
    /// UINT16_MAX where it has none.
    uint16_t photometric;
    uint16_t planar_configuration;
    uint16_t bits_per_sample;
    uint16_t samples_per_pixel;
    uint16_t sample_format;
    uint16_t orientation;
    /// Samples beyond the colours, and what the first of them is.
    uint16_t extra_count, first_extra;
    uint16_t resolution_unit;
    /// Pixels for each unit; 0 where it has none.
    double x_resolution, y_resolution;
    /// SMinSampleValue and SMaxSampleValue, else MinSampleValue and MaxSampleValue; equal where it has none.
    double lowest, highest;
    /// Or NULL.
    const char *description, *software;
    /// JPEGTables, or NULL.
    const uint8_t *jpeg_tables;
    uint32_t jpeg_tables_count;
    /// Or NULL.
    const uint8_t *icc_profile;
    uint32_t icc_profile_count;
    /// SubIFDs, or NULL.
    const uint64_t *children;
    uint32_t child_count;
};

/// Opens a file. Returns 0 and hands over `*file` (close with `ctiff_close`); else, where libtiff cannot read the first
/// directory, 1 and a null `*file`.
int ctiff_open(const char *path, ctiff_file **file);

void ctiff_close(ctiff_file *file);

/// Selects the directory after the selected one. Returns 0, or 1 where there is none.
int ctiff_select_next(ctiff_file *file);

/// Selects the directory at a place of the file, from which none follows. Returns 0, or 1 where libtiff finds none there.
int ctiff_select(ctiff_file *file, uint64_t offset);

/// Returns 0 and fills `directory`, or 1 for one that does not say how large its image or a part of it is.
int ctiff_describe(ctiff_file *file, struct ctiff_directory *directory);

/// Whether the selected directory has a tag, also one that libtiff does not know.
int ctiff_has_tag(ctiff_file *file, uint32_t tag);

/// Whether the libtiff that is loaded decodes a compression.
int ctiff_decodes(uint16_t compression);

/// Sets `*count` to the stored bytes of a part, 0 for one that the file leaves out. Returns 0, or 1 where libtiff cannot tell and
/// where the file ends before them.
int ctiff_byte_count(ctiff_file *file, uint32_t part, uint64_t *count);

/// Reads the first `count` bytes of a part as it is stored, `count` at most its byte count. Returns 0, or 1.
int ctiff_read_stored(ctiff_file *file, uint32_t part, uint8_t *bytes, size_t count);

/// Decodes a tile to samples in native byte order, `count` being the directory's `decoded_bytes`. Returns 0, or 1.
int ctiff_decode_tile(ctiff_file *file, uint32_t tile, uint8_t *bytes, size_t count);

/// Decodes a row of an image in strips, into the directory's `decoded_bytes`; from top to bottom of a strip each strip is
/// decoded once, and only a part of it is in memory.
/// - `sample`: the plane; 0 where there is one.
/// Returns 0, or 1.
int ctiff_decode_row(ctiff_file *file, uint32_t row, uint16_t sample, uint8_t *bytes, size_t count);

/// libtiff writes warnings and errors to stderr by itself; after this call it does not, in the whole process.
void ctiff_be_silent(void);

/// libtiff's name, version and copyright, in lines.
const char *ctiff_version(void);
