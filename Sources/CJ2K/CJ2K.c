#include "codestream.h"

#include <string.h>

#include <openjpeg.h>

/// What OpenJPEG reads from.
struct memory {
    const uint8_t *bytes;
    size_t count, position;
};

static OPJ_SIZE_T read_bytes(void *buffer, OPJ_SIZE_T wanted, void *user) {
    struct memory *memory = user;
    size_t left = memory->count - memory->position;
    if (left == 0) return (OPJ_SIZE_T)-1;
    size_t count = wanted < left ? wanted : left;
    memcpy(buffer, memory->bytes + memory->position, count);
    memory->position += count;
    return count;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T count, void *user) {
    struct memory *memory = user;
    if (count < 0 || (uint64_t)count > memory->count - memory->position) return -1;
    memory->position += (size_t)count;
    return count;
}

static OPJ_BOOL seek_bytes(OPJ_OFF_T place, void *user) {
    struct memory *memory = user;
    if (place < 0 || (uint64_t)place > memory->count) return OPJ_FALSE;
    memory->position = (size_t)place;
    return OPJ_TRUE;
}

static void be_silent(const char *text, void *user) {
    (void)text;
    (void)user;
}

/// Damaged streams decode with a warning alone.
static void count_doubt(const char *text, void *doubts) {
    (void)text;
    *(int *)doubts += 1;
}

struct opened {
    opj_codec_t *codec;
    opj_stream_t *stream;
    opj_image_t *image;
    struct memory memory;
    int doubts;
};

static void close_all(struct opened *opened) {
    if (opened->image != NULL) opj_image_destroy(opened->image);
    if (opened->codec != NULL) opj_destroy_codec(opened->codec);
    if (opened->stream != NULL) opj_stream_destroy(opened->stream);
}

static int open_stream(const uint8_t *bytes, size_t count, struct opened *opened) {
    memset(opened, 0, sizeof *opened);
    opened->memory = (struct memory){bytes, count, 0};
    opened->codec = opj_create_decompress(OPJ_CODEC_J2K);
    opened->stream = opj_stream_create(count < (1 << 20) ? (count > 0 ? count : 1) : (1 << 20), OPJ_TRUE);
    if (opened->codec == NULL || opened->stream == NULL) return 1;
    opj_set_info_handler(opened->codec, be_silent, NULL);
    opj_set_warning_handler(opened->codec, count_doubt, &opened->doubts);
    opj_set_error_handler(opened->codec, be_silent, NULL);
    opj_stream_set_read_function(opened->stream, read_bytes);
    opj_stream_set_skip_function(opened->stream, skip_bytes);
    opj_stream_set_seek_function(opened->stream, seek_bytes);
    opj_stream_set_user_data(opened->stream, &opened->memory, NULL);
    opj_stream_set_user_data_length(opened->stream, count);
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    if (!opj_setup_decoder(opened->codec, &parameters)) return 1;
    return !opj_read_header(opened->stream, opened->codec, &opened->image);
}

static int has_right_form(const opj_image_t *image, enum cj2k_components components, uint32_t width, uint32_t height) {
    if (image->x1 - image->x0 != width || image->y1 - image->y0 != height) return 0;
    if (image->numcomps != (components == CJ2K_GREY ? 1u : 3u)) return 0;
    for (uint32_t index = 0; index < image->numcomps; index++) {
        const opj_image_comp_t *component = &image->comps[index];
        if (component->sgnd || component->prec < 8 || component->prec > 16) return 0;
        if (component->dx < 1 || component->dy < 1 || component->dx > 4 || component->dy > 4) return 0;
    }
    return 1;
}

static int has_pixels(const opj_image_t *image, uint32_t width, uint32_t height) {
    for (uint32_t index = 0; index < image->numcomps; index++) {
        const opj_image_comp_t *component = &image->comps[index];
        if (component->data == NULL || component->w < (width + component->dx - 1) / component->dx ||
            component->h < (height + component->dy - 1) / component->dy)
            return 0;
    }
    return 1;
}

static int sample(const opj_image_comp_t *component, uint32_t x, uint32_t y) {
    int value = component->data[(size_t)(y / component->dy) * component->w + x / component->dx];
    if (component->prec == 8) return value;
    int highest = (1 << component->prec) - 1;
    return (value * 255 + highest / 2) / highest;
}

static void write_pixels(const opj_image_t *image, enum cj2k_components components, uint32_t width, uint32_t height,
                         uint8_t *pixels) {
    const opj_image_comp_t *all = image->comps;
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++, pixels += 3) {
            int first = sample(&all[0], x, y);
            if (components == CJ2K_GREY) {
                pixels[0] = pixels[1] = pixels[2] = cj2k_clamped(first);
                continue;
            }
            int second = sample(&all[1], x, y), third = sample(&all[2], x, y);
            if (components == CJ2K_YCBCR) {
                cj2k_convert(first, second, third, pixels);
            } else {
                pixels[0] = cj2k_clamped(first);
                pixels[1] = cj2k_clamped(second);
                pixels[2] = cj2k_clamped(third);
            }
        }
    }
}

int cj2k_decode(const uint8_t *bytes, size_t count, enum cj2k_components components, uint32_t width, uint32_t height,
                uint8_t *pixels) {
    struct opened opened;
    // Of a JP2 file the codestream alone: what its boxes say of palettes and channels would change the components.
    if (cj2k_find_codestream(&bytes, &count) || !cj2k_is_bounded(bytes, count, components, width, height)) return 1;
    int failed = open_stream(bytes, count, &opened) || !opj_decode(opened.codec, opened.stream, opened.image) ||
                 !opj_end_decompress(opened.codec, opened.stream) || opened.doubts > 0 ||
                 !has_right_form(opened.image, components, width, height) || !has_pixels(opened.image, width, height);
    if (!failed) write_pixels(opened.image, components, width, height, pixels);
    close_all(&opened);
    return failed;
}
