#pragma once

#include <stddef.h>
#include <stdint.h>

/// What the components of a JPEG 2000 image are, after the codec's own colour transform, which the codestream states.
enum cj2k_components { CJ2K_RGB, CJ2K_YCBCR, CJ2K_GREY };

static inline uint8_t cj2k_clamped(int value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value); }

/// JFIF's matrix (ITU-T T.871) in 16 bits of fraction, as libjpeg has it: Y, Cb and Cr of a pixel made its R, G and B.
static inline void cj2k_convert(int luma, int blue, int red, uint8_t *pixel) {
    blue -= 128;
    red -= 128;
    pixel[0] = cj2k_clamped(luma + ((91881 * red + 32768) >> 16));
    pixel[1] = cj2k_clamped(luma + ((-22554 * blue - 46802 * red + 32768) >> 16));
    pixel[2] = cj2k_clamped(luma + ((116130 * blue + 32768) >> 16));
}

/// Decodes a codestream, bare or in a JP2 file, to `height` rows of `width` RGB pixels (3 bytes each, no padding); components
/// that are stored with fewer pixels are repeated, more than 8 bits are scaled to 8.
///
/// Returns 0; or 1 for an image of another size or number of components (3; 1 where they are grey), for signed ones, for one that
/// is divided so finely that decoding it would take far more memory than its pixels, and for a stream that OpenJPEG has any
/// doubt about.
int cj2k_decode(const uint8_t *bytes, size_t count, enum cj2k_components components, uint32_t width, uint32_t height,
                uint8_t *pixels);
