#include "ctiff_pixel_format.h"

#include <stddef.h>

#include <tiffio.h>

int ctiff_read_pixel_format(const char *path, struct ctiff_pixel_format *format) {
    // "m": no memory map, a file that shrinks while it is read must not end the process.
    TIFF *tiff = TIFFOpen(path, "rm");
    if (tiff == NULL) return 1;
    format->photometric = UINT16_MAX;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &format->samples_per_pixel);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &format->bits_per_sample);
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &format->photometric);
    TIFFClose(tiff);
    return 0;
}

void ctiff_be_silent(void) {
    TIFFSetWarningHandler(NULL);
    TIFFSetErrorHandler(NULL);
}

const char *ctiff_version(void) { return TIFFGetVersion(); }
