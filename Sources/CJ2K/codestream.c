#include "codestream.h"

#include <string.h>

static uint32_t number(const uint8_t *bytes, int width) {
    uint32_t value = 0;
    for (int index = 0; index < width; index++) value = value << 8 | bytes[index];
    return value;
}

int cj2k_find_codestream(const uint8_t **bytes, size_t *count) {
    static const uint8_t jp2[] = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
    if (*count < sizeof jp2 || memcmp(*bytes, jp2, sizeof jp2) != 0) return 0;
    while (*count >= 8) {
        uint64_t length = number(*bytes, 4), head = 8;
        if (length == 1 && *count >= 16) {
            length = (uint64_t)number(*bytes + 8, 4) << 32 | number(*bytes + 12, 4);
            head = 16;
        }
        // The last one may leave out its length.
        if (length == 0) length = *count;
        if (length < head || length > *count) return 1;
        if (memcmp(*bytes + 4, "jp2c", 4) == 0) {
            *bytes += head;
            *count = (size_t)(length - head);
            return 0;
        }
        *bytes += length;
        *count -= (size_t)length;
    }
    return 1;
}

enum {
    COD = 0xFF52,
    COC = 0xFF53,
    SOT = 0xFF90,
    SOD = 0xFF93,
    EOC = 0xFFD9,
    /// Tiles within an image, and layers of its quality.
    MOST_TILES = 4096,
    MOST_LAYERS = 1024,
    MOST_LEVELS = 32,
};

/// What is wanted of an image, and the size of its tiles.
struct image {
    uint64_t tile_width, tile_height;
    uint32_t components;
};

static uint64_t quotient_up(uint64_t value, uint64_t divisor) { return (value + divisor - 1) / divisor; }

static uint64_t smaller(uint64_t one, uint64_t other) { return one < other ? one : other; }

static int takes_component(const uint8_t *component) {
    // Unsigned, of 8 to 16 bits, stored for each pixel or for each of 2 to 4.
    return component[0] >= 7 && component[0] <= 15 && component[1] >= 1 && component[1] <= 4 && component[2] >= 1 &&
           component[2] <= 4;
}

/// Reads the SIZ segment, which has to be the first. Returns where the next one begins, or 0 for an image that is not wanted.
static size_t read_sizes(const uint8_t *bytes, size_t count, struct image *image, uint32_t width, uint32_t height) {
    if (count < 42 || number(bytes, 4) != 0xFF4FFF51) return 0;
    uint64_t fields[8];
    for (int index = 0; index < 8; index++) fields[index] = number(bytes + 8 + index * 4, 4);
    uint64_t right = fields[0], bottom = fields[1], left = fields[2], top = fields[3];
    uint64_t tile_width = fields[4], tile_height = fields[5], tile_left = fields[6], tile_top = fields[7];
    uint32_t length = number(bytes + 4, 2);
    if (number(bytes + 40, 2) != image->components || length != 38 + 3 * image->components) return 0;
    if (count < (size_t)4 + length || right != left + width || bottom != top + height) return 0;
    if (tile_width == 0 || tile_height == 0 || tile_left > left || tile_top > top) return 0;
    if (tile_left + tile_width <= left || tile_top + tile_height <= top) return 0;
    // Neither is over 32 bits: their product is no more than 64.
    uint64_t columns = quotient_up(right - tile_left, tile_width), rows = quotient_up(bottom - tile_top, tile_height);
    if (columns > MOST_TILES || rows > MOST_TILES || columns * rows > MOST_TILES) return 0;
    for (uint32_t index = 0; index < image->components; index++)
        if (!takes_component(bytes + 42 + 3 * index)) return 0;
    image->tile_width = smaller(tile_width, width);
    image->tile_height = smaller(tile_height, height);
    return 4 + length;
}

/// How a component is coded: its levels, the size of its blocks and, where they are stated, of its precincts at each level.
static int takes_coding(const uint8_t *coding, size_t count, int has_precincts, const struct image *image) {
    if (count < 5) return 0;
    uint32_t levels = coding[0], width = coding[1], height = coding[2];
    // Blocks of at least 16 × 16 and at most 4096 samples; the stored exponents are less by 2.
    if (levels > MOST_LEVELS || width > 8 || height > 8 || width + height < 4 || width + height > 8) return 0;
    if (!has_precincts) return 1;
    if (count < 5 + (size_t)levels + 1) return 0;
    uint64_t total = 0, most = image->tile_width * image->tile_height / 512 + 256;
    for (uint32_t level = 0; level <= levels; level++) {
        uint64_t shrunk = (uint64_t)1 << (levels - level);
        uint32_t sides = coding[5 + level];
        uint64_t across = quotient_up(image->tile_width, shrunk << (sides & 15));
        uint64_t down = quotient_up(image->tile_height, shrunk << (sides >> 4));
        total += across * down;
        if (total > most) return 0;
    }
    return 1;
}

static int takes_segment(uint32_t marker, const uint8_t *content, size_t count, const struct image *image) {
    switch (marker) {
    case COD: {
        if (count < 5) return 0;
        uint32_t layers = number(content + 2, 2);
        return layers >= 1 && layers <= MOST_LAYERS && takes_coding(content + 5, count - 5, content[0] & 1, image);
    }
    case COC: return count >= 2 && takes_coding(content + 2, count - 2, content[1] & 1, image);
    // CAP, lengths, quantisation, regions, order, packed headers, registration, comments, component transforms. OpenJPEG would
    // search for the next marker behind any other.
    case 0xFF50: case 0xFF55: case 0xFF57: case 0xFF58: case 0xFF5C: case 0xFF5D: case 0xFF5E: case 0xFF5F:
    case 0xFF60: case 0xFF61: case 0xFF63: case 0xFF64: case 0xFF74: case 0xFF75: case 0xFF77: case 0xFF78: return 1;
    default: return 0;
    }
}

int cj2k_is_bounded(const uint8_t *bytes, size_t count, enum cj2k_components components, uint32_t width, uint32_t height) {
    struct image image = {0, 0, components == CJ2K_GREY ? 1 : 3};
    size_t place = read_sizes(bytes, count, &image, width, height);
    size_t part_end = 0;
    if (place == 0) return 0;
    // What ends within a header is left to OpenJPEG, which has nothing to go by then.
    while (count - place >= 4) {
        uint32_t marker = number(bytes + place, 2);
        if (marker == EOC) return 1;
        if (marker == SOD) {
            if (part_end < place + 2) return 0;
            place = part_end;
            continue;
        }
        uint32_t length = number(bytes + place + 2, 2);
        if (length < 2 || length > count - place - 2) return 0;
        if (marker == SOT) {
            if (length != 10) return 0;
            uint32_t size = number(bytes + place + 6, 4);
            // Zero: up to the end.
            part_end = size == 0 || size > count - place ? count : place + size;
        } else if (!takes_segment(marker, bytes + place + 4, length - 2, &image)) {
            return 0;
        }
        place += 2 + (size_t)length;
    }
    return 1;
}
