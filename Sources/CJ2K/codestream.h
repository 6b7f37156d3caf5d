#pragma once

#include "CJ2K.h"

/// Finds the codestream of an image: the bytes themselves, or of a JP2 file those of its box.
///
/// Returns 0 and hands over where it lies; 1 where there is none.
int cj2k_find_codestream(const uint8_t **bytes, size_t *count);

/// Whether decoding a codestream takes no more memory than an honest image of this size: its headers, those of its parts of
/// tiles too, say its size, its components and how finely it is divided, and OpenJPEG believes them before it looks further
/// (ISO/IEC 15444-1, annex A).
int cj2k_is_bounded(const uint8_t *bytes, size_t count, enum cj2k_components components, uint32_t width, uint32_t height);
