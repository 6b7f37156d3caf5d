#pragma once
#include <png.h>
#include <string.h>

/// Writes 8-bit RGB rows, or RGBA ones with alpha apart from the colours, as PNG with libpng's simplified interface, which reports by value and never by longjmp.
/// `size` holds the room in `output` and receives the bytes used; with `output` NULL it receives the room wanted.
/// Returns 0 on failure, with the reason in `message`, which has room for 64 characters.
static inline int png_write_pixels(
    unsigned width, unsigned height, int has_alpha, const unsigned char *pixels, unsigned char *output, size_t *size,
    char *message
) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = has_alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
    if (output == NULL) {
        *size = PNG_IMAGE_PNG_SIZE_MAX(image);
        return 1;
    }
    png_alloc_size_t room = *size;
    int written = png_image_write_to_memory(&image, output, &room, 0, pixels, 0, NULL);
    *size = room;
    memcpy(message, image.message, sizeof image.message);
    png_image_free(&image);
    return written;
}
