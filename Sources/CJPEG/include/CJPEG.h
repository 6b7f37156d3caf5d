#pragma once

#include <stddef.h>
#include <stdint.h>

/// Room for an error text of libjpeg, with its end.
#define CJPEG_MESSAGE_SIZE 256

/// Encodes `height` rows of `width` RGB pixels (3 bytes each, no padding) as a baseline JFIF file; the same input gives
/// the same bytes. Restart markers stand after each `restart_interval` MCUs, which
/// then are 16 × 8 pixels, as Hamamatsu has them; 0 for none.
///
/// Returns 0 and hands over `*bytes` (free with `cjpeg_free`) and `*count`; else 1 with a text in `message` and
/// a null `*bytes`.
int cjpeg_encode_rgb(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, uint32_t restart_interval,
                     uint8_t **bytes, size_t *count, char message[CJPEG_MESSAGE_SIZE]);

void cjpeg_free(uint8_t *bytes);

/// Decodes the JPEG tiles of one level.
typedef struct cjpeg_tiles cjpeg_tiles;

/// What the components of a tile are, whatever its own markers say.
enum cjpeg_components { CJPEG_RGB, CJPEG_YCBCR, CJPEG_GREY };

/// Makes a decoder for tiles of one size.
///
/// `tables` is the TIFF's JPEGTables, or null; the bytes are only read. Returns 0 and hands over `*decoder` (free with
/// `cjpeg_tiles_free`); else 1 and a null `*decoder`.
int cjpeg_tiles_create(const uint8_t *tables, size_t tables_count, enum cjpeg_components components, uint32_t width,
                       uint32_t height, cjpeg_tiles **decoder);

/// Decodes one tile to `height` rows of `width` RGB pixels (3 bytes each, no padding; of grey all three alike): accurate
/// integer DCT and interpolated chroma, as libtiff and OpenSlide have it.
///
/// Returns 0; or 1 for a stream of another size or kind, or one that libjpeg has any doubt about: it would decode many
/// damaged streams with a warning alone.
int cjpeg_tiles_decode(cjpeg_tiles *decoder, const uint8_t *bytes, size_t count, uint8_t *pixels);

void cjpeg_tiles_free(cjpeg_tiles *decoder);

/// Components of a stream that are told; libjpeg knows no more than 10.
#define CJPEG_MOST_COMPONENTS 10

/// What the markers of a JPEG stream say of its components (ITU-T T.81, B.2.2; T.871 for JFIF; T.872, 6.5.3 for Adobe).
struct cjpeg_evidence {
    /// Of the Adobe APP14 marker; -1 without the marker.
    int adobe_transform;
    int has_jfif;
    /// Whether a component has fewer samples than the first.
    int is_subsampled;
    int component_count;
    /// Of the frame header, in its order.
    uint8_t component_ids[CJPEG_MOST_COMPONENTS];
};

/// Reads a stream up to its first scan, after the tables that it shares with others, whose markers count too.
///
/// `tables` is a TIFF's JPEGTables, or null; the bytes are only read. Returns 0; or 1 where libjpeg finds no frame and scan in
/// the stream, or something else than tables in `tables`.
int cjpeg_read_evidence(const uint8_t *tables, size_t tables_count, const uint8_t *bytes, size_t count,
                        struct cjpeg_evidence *evidence);
