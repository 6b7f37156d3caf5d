#pragma once

#include <stdint.h>

/// How the first directory of a TIFF stores a pixel; numbers are the tags' own.
struct ctiff_pixel_format {
    uint16_t samples_per_pixel;
    uint16_t bits_per_sample;
    uint16_t photometric;
};

/// Returns 0 and fills `format`, or 1 where libtiff cannot read the file's first directory.
int ctiff_read_pixel_format(const char *path, struct ctiff_pixel_format *format);

/// libtiff writes warnings and errors to stderr by itself; after this call it does not, in the whole process.
void ctiff_be_silent(void);

/// libtiff's name, version and copyright, in lines.
const char *ctiff_version(void);
