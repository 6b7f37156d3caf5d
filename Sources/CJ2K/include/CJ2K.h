#pragma once

#include <stddef.h>
#include <stdint.h>

/// What the components of a JPEG 2000 image are, after the codec's own colour transform, which the codestream states.
enum cj2k_components { CJ2K_RGB, CJ2K_YCBCR, CJ2K_GREY };

/// Decodes a codestream, bare or in a JP2 file, to `height` rows of `width` RGB pixels (3 bytes each, no padding); components
/// that are stored with fewer pixels are repeated, more than 8 bits are scaled to 8.
///
/// Returns 0; or 1 for an image of another size or number of components (3; 1 where they are grey), for signed ones, and for a
/// stream that OpenJPEG has any doubt about.
int cj2k_decode(const uint8_t *bytes, size_t count, enum cj2k_components components, uint32_t width, uint32_t height,
                uint8_t *pixels);
