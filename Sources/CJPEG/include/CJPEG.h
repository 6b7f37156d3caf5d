#pragma once

#include <stddef.h>
#include <stdint.h>

/// Room for an error text of libjpeg, with its end.
#define CJPEG_MESSAGE_SIZE 256

/// Encodes `height` rows of `width` RGB pixels (3 bytes each, no padding) as a baseline JFIF file; the same input gives
/// the same bytes.
///
/// Returns 0 and hands over `*bytes` (free with `cjpeg_free`) and `*count`; else 1 with a text in `message` and
/// a null `*bytes`.
int cjpeg_encode_rgb(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, uint8_t **bytes,
                     size_t *count, char message[CJPEG_MESSAGE_SIZE]);

void cjpeg_free(uint8_t *bytes);
