#include "ctiff_writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

struct ctiff_writer {
    TIFF *tiff;
    uint8_t *tile;  // libtiff may change the bytes it is given
    size_t tile_bytes;
};

static _Thread_local char message[512];
static _Thread_local int reason;

// libtiff before 4.5 knows only process-wide handlers; these print nothing and keep the text per thread.
static void keep_error(const char *module, const char *format, va_list arguments) {
    // Nothing has been called since the call of the system that failed, if it was one.
    if (reason == 0) reason = errno;
    int used = snprintf(message, sizeof message, "%s: ", module ? module : "libtiff");
    if (used < 0 || (size_t)used >= sizeof message) return;
    vsnprintf(message + used, sizeof message - (size_t)used, format, arguments);
}

static void ignore_warning(const char *module, const char *format, va_list arguments) {
    (void)module;
    (void)format;
    (void)arguments;
}

static void install_handlers(void) {
    TIFFSetErrorHandler(keep_error);
    TIFFSetWarningHandler(ignore_warning);
}

static void begin_call(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_handlers);
    snprintf(message, sizeof message, "libtiff gave no reason");
    reason = errno = 0;
}

const char *ctiff_writer_message(void) { return message; }

int ctiff_writer_errno(void) { return reason; }

int ctiff_writer_open(const char *path, int big, ctiff_writer **out) {
    begin_call();
    *out = NULL;
    ctiff_writer *writer = calloc(1, sizeof *writer);
    if (!writer) {
        snprintf(message, sizeof message, "out of memory");
        return -1;
    }
    // Little-endian on every machine: equal pixels give equal bytes.
    writer->tiff = TIFFOpen(path, big ? "wl8" : "wl");
    if (!writer->tiff) {
        free(writer);
        return -1;
    }
    *out = writer;
    return 0;
}

static int samples(const ctiff_level *level) { return level->rgba ? 4 : 3; }

static int set_format(TIFF *tiff, const ctiff_level *level) {
    return TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, (uint32_t)(level->reduced ? FILETYPE_REDUCEDIMAGE : 0)) &&
           TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, level->width) &&
           TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, level->height) &&
           TIFFSetField(tiff, TIFFTAG_TILEWIDTH, level->tile_size) &&
           TIFFSetField(tiff, TIFFTAG_TILELENGTH, level->tile_size) &&
           TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8) &&
           TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples(level)) &&
           TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
           TIFFSetField(tiff, TIFFTAG_COMPRESSION, level->rgba ? COMPRESSION_ADOBE_DEFLATE : COMPRESSION_JPEG);
}

static int set_colour(TIFF *tiff, const ctiff_level *level) {
    if (level->rgba) {
        uint16_t alpha = EXTRASAMPLE_ASSOCALPHA;
        return TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB) &&
               TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha) &&
               TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
    }
    if (!TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, level->quality)) return 0;
    if (level->rgb_components) return TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    return TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR) &&
           TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, level->subsample_x, level->subsample_y) &&
           TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
}

static int set_description(TIFF *tiff, const ctiff_level *level) {
    if (level->description && !TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, level->description)) return 0;
    if (level->resolution_unit == CTIFF_UNIT_NONE) return 1;
    return TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, level->resolution_unit) &&
           TIFFSetField(tiff, TIFFTAG_XRESOLUTION, level->resolution) &&
           TIFFSetField(tiff, TIFFTAG_YRESOLUTION, level->resolution);
}

int ctiff_writer_begin_level(ctiff_writer *writer, const ctiff_level *level) {
    begin_call();
    TIFF *tiff = writer->tiff;
    if (!set_format(tiff, level) || !set_colour(tiff, level) || !set_description(tiff, level)) return -1;
    size_t bytes = (size_t)level->tile_size * level->tile_size * samples(level);
    uint8_t *tile = realloc(writer->tile, bytes);
    if (!tile) {
        snprintf(message, sizeof message, "out of memory");
        return -1;
    }
    writer->tile = tile;
    writer->tile_bytes = bytes;
    return 0;
}

int ctiff_writer_write_tile(ctiff_writer *writer, uint32_t x, uint32_t y, const uint8_t *pixels, size_t count) {
    begin_call();
    if (count != writer->tile_bytes) {
        snprintf(message, sizeof message, "a tile of %zu bytes, expected %zu", count, writer->tile_bytes);
        return -1;
    }
    memcpy(writer->tile, pixels, count);
    uint32_t tile = TIFFComputeTile(writer->tiff, x, y, 0, 0);
    return TIFFWriteEncodedTile(writer->tiff, tile, writer->tile, (tmsize_t)count) < 0 ? -1 : 0;
}

int ctiff_writer_end_level(ctiff_writer *writer) {
    begin_call();
    return TIFFWriteDirectory(writer->tiff) ? 0 : -1;
}

void ctiff_writer_close(ctiff_writer *writer) {
    if (!writer) return;
    begin_call();
    TIFFClose(writer->tiff);
    free(writer->tile);
    free(writer);
}
