#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

_Static_assert(CJPEG_MESSAGE_SIZE >= JMSG_LENGTH_MAX, "a libjpeg message must fit");

/// libjpeg's default handler ends the process; this one returns to the caller.
struct failure {
    struct jpeg_error_mgr manager;
    jmp_buf escape;
    char *message;
};

static void fail(j_common_ptr codec) {
    struct failure *failure = (struct failure *)codec->err;
    codec->err->format_message(codec, failure->message);
    longjmp(failure->escape, 1);
}

static void stay_silent(j_common_ptr codec) { (void)codec; }

int cjpeg_encode_rgb(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, uint32_t restart_interval,
                     uint8_t **bytes, size_t *count, char message[CJPEG_MESSAGE_SIZE]) {
    struct jpeg_compress_struct codec;
    struct failure failure;
    unsigned long size = 0;

    *bytes = NULL;
    memset(&codec, 0, sizeof codec);
    message[0] = '\0';
    failure.message = message;
    codec.err = jpeg_std_error(&failure.manager);
    failure.manager.error_exit = fail;
    failure.manager.output_message = stay_silent;
    if (setjmp(failure.escape)) {
        // The destination tells where its buffer is only when it ends; it may have moved since `jpeg_mem_dest`.
        if (codec.dest != NULL) codec.dest->term_destination(&codec);
        jpeg_destroy_compress(&codec);
        free(*bytes);
        *bytes = NULL;
        return 1;
    }
    jpeg_create_compress(&codec);
    jpeg_mem_dest(&codec, bytes, &size);
    codec.image_width = width;
    codec.image_height = height;
    codec.input_components = 3;
    codec.in_color_space = JCS_RGB;
    jpeg_set_defaults(&codec);
    jpeg_set_quality(&codec, quality, TRUE);
    codec.dct_method = JDCT_ISLOW;
    codec.optimize_coding = TRUE;
    codec.restart_interval = restart_interval;
    if (restart_interval > 0) codec.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&codec, TRUE);
    while (codec.next_scanline < codec.image_height) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)codec.next_scanline * width * 3);
        jpeg_write_scanlines(&codec, &row, 1);
    }
    jpeg_finish_compress(&codec);
    jpeg_destroy_compress(&codec);
    *count = size;
    return 0;
}

void cjpeg_free(uint8_t *bytes) { free(bytes); }
