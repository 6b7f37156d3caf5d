#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

struct header {
    struct jpeg_decompress_struct codec;
    struct jpeg_error_mgr errors;
    jmp_buf escape;
};

static void fail(j_common_ptr codec) {
    struct header *header = codec->client_data;
    longjmp(header->escape, 1);
}

/// A marker that libjpeg has doubts about is still read; what it says is judged by the caller.
static void stay_silent(j_common_ptr codec, int level) {
    (void)codec;
    (void)level;
}

/// Every stream begins with a clean slate: libjpeg forgets the markers of one at the start of the next.
static void add_markers(const struct jpeg_decompress_struct *codec, struct cjpeg_evidence *evidence) {
    if (codec->saw_JFIF_marker) evidence->has_jfif = 1;
    if (codec->saw_Adobe_marker) evidence->adobe_transform = codec->Adobe_transform;
}

static void add_components(const struct jpeg_decompress_struct *codec, struct cjpeg_evidence *evidence) {
    int count = codec->num_components < CJPEG_MOST_COMPONENTS ? codec->num_components : CJPEG_MOST_COMPONENTS;
    const jpeg_component_info *first = codec->comp_info;
    for (int index = 0; index < count; index++) {
        const jpeg_component_info *component = &codec->comp_info[index];
        evidence->component_ids[index] = (uint8_t)component->component_id;
        if (component->h_samp_factor < first->h_samp_factor || component->v_samp_factor < first->v_samp_factor)
            evidence->is_subsampled = 1;
    }
    evidence->component_count = count;
}

int cjpeg_read_evidence(const uint8_t *tables, size_t tables_count, const uint8_t *bytes, size_t count,
                        struct cjpeg_evidence *evidence) {
    struct header header;
    memset(&header, 0, sizeof header);
    memset(evidence, 0, sizeof *evidence);
    evidence->adobe_transform = -1;
    header.codec.err = jpeg_std_error(&header.errors);
    header.errors.error_exit = fail;
    header.errors.emit_message = stay_silent;
    header.codec.client_data = &header;
    if (setjmp(header.escape)) {
        jpeg_destroy_decompress(&header.codec);
        return 1;
    }
    jpeg_create_decompress(&header.codec);
    if (tables != NULL && tables_count > 0) {
        jpeg_mem_src(&header.codec, tables, tables_count);
        if (jpeg_read_header(&header.codec, FALSE) != JPEG_HEADER_TABLES_ONLY) fail((j_common_ptr)&header.codec);
        add_markers(&header.codec, evidence);
    }
    if (count == 0) fail((j_common_ptr)&header.codec);
    jpeg_mem_src(&header.codec, bytes, count);
    jpeg_read_header(&header.codec, TRUE);
    add_markers(&header.codec, evidence);
    add_components(&header.codec, evidence);
    jpeg_destroy_decompress(&header.codec);
    return 0;
}
