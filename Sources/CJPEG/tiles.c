#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

struct cjpeg_tiles {
    struct jpeg_decompress_struct codec;
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    J_COLOR_SPACE space;
    uint32_t width, height;
    // What the TIFF shares between its tiles, and the copies that a tile may change: each starts from the same tables.
    struct tables {
        JQUANT_TBL quantisation[NUM_QUANT_TBLS];
        JHUFF_TBL dc[NUM_HUFF_TBLS], ac[NUM_HUFF_TBLS];
    } shared, working;
    int has_quantisation[NUM_QUANT_TBLS], has_dc[NUM_HUFF_TBLS], has_ac[NUM_HUFF_TBLS];
};

static void fail(j_common_ptr codec) {
    cjpeg_tiles *decoder = codec->client_data;
    longjmp(decoder->escape, 1);
}

/// Levels below 0 are warnings of damaged data.
static void fail_on_warning(j_common_ptr codec, int level) {
    if (level < 0) fail(codec);
}

static void create_codec(cjpeg_tiles *decoder) {
    decoder->codec.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = fail;
    decoder->errors.emit_message = fail_on_warning;
    decoder->codec.client_data = decoder;
    jpeg_create_decompress(&decoder->codec);
}

static void share_tables(cjpeg_tiles *decoder) {
    struct jpeg_decompress_struct *codec = &decoder->codec;
    for (int slot = 0; slot < NUM_QUANT_TBLS; slot++) {
        decoder->has_quantisation[slot] = codec->quant_tbl_ptrs[slot] != NULL;
        if (decoder->has_quantisation[slot]) decoder->shared.quantisation[slot] = *codec->quant_tbl_ptrs[slot];
    }
    for (int slot = 0; slot < NUM_HUFF_TBLS; slot++) {
        decoder->has_dc[slot] = codec->dc_huff_tbl_ptrs[slot] != NULL;
        if (decoder->has_dc[slot]) decoder->shared.dc[slot] = *codec->dc_huff_tbl_ptrs[slot];
        decoder->has_ac[slot] = codec->ac_huff_tbl_ptrs[slot] != NULL;
        if (decoder->has_ac[slot]) decoder->shared.ac[slot] = *codec->ac_huff_tbl_ptrs[slot];
    }
}

/// Gives the codec the shared tables and no other.
static void begin_with_shared_tables(cjpeg_tiles *decoder) {
    struct jpeg_decompress_struct *codec = &decoder->codec;
    struct tables *working = &decoder->working;
    *working = decoder->shared;
    for (int slot = 0; slot < NUM_QUANT_TBLS; slot++)
        codec->quant_tbl_ptrs[slot] = decoder->has_quantisation[slot] ? &working->quantisation[slot] : NULL;
    for (int slot = 0; slot < NUM_HUFF_TBLS; slot++) {
        codec->dc_huff_tbl_ptrs[slot] = decoder->has_dc[slot] ? &working->dc[slot] : NULL;
        codec->ac_huff_tbl_ptrs[slot] = decoder->has_ac[slot] ? &working->ac[slot] : NULL;
    }
}

/// Whether the last tile brought a table that is not shared. libjpeg keeps those as long as the codec lives.
static int has_own_tables(const cjpeg_tiles *decoder) {
    const struct jpeg_decompress_struct *codec = &decoder->codec;
    for (int slot = 0; slot < NUM_QUANT_TBLS; slot++)
        if (codec->quant_tbl_ptrs[slot] != NULL && !decoder->has_quantisation[slot]) return 1;
    for (int slot = 0; slot < NUM_HUFF_TBLS; slot++) {
        if (codec->dc_huff_tbl_ptrs[slot] != NULL && !decoder->has_dc[slot]) return 1;
        if (codec->ac_huff_tbl_ptrs[slot] != NULL && !decoder->has_ac[slot]) return 1;
    }
    return 0;
}

static void end_tile(cjpeg_tiles *decoder) {
    jpeg_abort_decompress(&decoder->codec);
    if (!has_own_tables(decoder)) return;
    jpeg_destroy_decompress(&decoder->codec);
    create_codec(decoder);
}

int cjpeg_tiles_create(const uint8_t *tables, size_t tables_count, enum cjpeg_components components, uint32_t width,
                       uint32_t height, cjpeg_tiles **out) {
    *out = NULL;
    cjpeg_tiles *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) return 1;
    decoder->space = components == CJPEG_RGB ? JCS_RGB : components == CJPEG_GREY ? JCS_GRAYSCALE : JCS_YCbCr;
    decoder->width = width;
    decoder->height = height;
    if (setjmp(decoder->escape)) {
        cjpeg_tiles_free(decoder);
        return 1;
    }
    create_codec(decoder);
    if (tables != NULL) {
        jpeg_mem_src(&decoder->codec, tables, tables_count);
        if (jpeg_read_header(&decoder->codec, FALSE) != JPEG_HEADER_TABLES_ONLY) {
            cjpeg_tiles_free(decoder);
            return 1;
        }
        share_tables(decoder);
    }
    *out = decoder;
    return 0;
}

static int has_right_form(const cjpeg_tiles *decoder) {
    const struct jpeg_decompress_struct *codec = &decoder->codec;
    return codec->image_width == decoder->width && codec->image_height == decoder->height &&
           codec->num_components == (decoder->space == JCS_GRAYSCALE ? 1 : 3) && codec->data_precision == 8;
}

int cjpeg_tiles_decode(cjpeg_tiles *decoder, const uint8_t *bytes, size_t count, uint8_t *pixels) {
    struct jpeg_decompress_struct *codec = &decoder->codec;
    if (setjmp(decoder->escape)) {
        end_tile(decoder);
        return 1;
    }
    begin_with_shared_tables(decoder);
    jpeg_mem_src(codec, bytes, count);
    jpeg_read_header(codec, TRUE);
    if (!has_right_form(decoder)) {
        end_tile(decoder);
        return 1;
    }
    codec->jpeg_color_space = decoder->space;
    codec->out_color_space = JCS_RGB;
    codec->dct_method = JDCT_ISLOW;
    codec->do_fancy_upsampling = TRUE;
    jpeg_start_decompress(codec);
    size_t stride = (size_t)decoder->width * 3;
    while (codec->output_scanline < codec->output_height) {
        JSAMPROW rows[16];
        uint32_t wanted = codec->output_height - codec->output_scanline;
        if (wanted > 16) wanted = 16;
        for (uint32_t row = 0; row < wanted; row++) rows[row] = pixels + (codec->output_scanline + row) * stride;
        jpeg_read_scanlines(codec, rows, wanted);
    }
    end_tile(decoder);
    return 0;
}

void cjpeg_tiles_free(cjpeg_tiles *decoder) {
    if (decoder == NULL) return;
    jpeg_destroy_decompress(&decoder->codec);
    free(decoder);
}
