#pragma once
#include <hdf5.h>
#include <stdio.h>

// Swift cannot import libhdf5's types, flags and property classes: they are macros that call H5open().

static inline hid_t hdf5_int64(void) { return H5T_STD_I64LE; }
static inline hid_t hdf5_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t hdf5_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t hdf5_c_string(void) { return H5T_C_S1; }
static inline size_t hdf5_variable_length(void) { return H5T_VARIABLE; }

static inline hid_t hdf5_file_create_class(void) { return H5P_FILE_CREATE; }
static inline hid_t hdf5_file_access_class(void) { return H5P_FILE_ACCESS; }
static inline hid_t hdf5_dataset_create_class(void) { return H5P_DATASET_CREATE; }

static inline unsigned hdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned hdf5_truncate(void) { return H5F_ACC_TRUNC; }

static inline haddr_t hdf5_undefined_address(void) { return HADDR_UNDEF; }

/// Number of entries directly under a file or group; negative on failure.
static inline int64_t hdf5_link_count(hid_t group) {
    H5G_info_t info;
    return H5Gget_info(group, &info) < 0 ? -1 : (int64_t)info.nlinks;
}

/// libhdf5 must not close itself at exit: after a failed write that ends in a crash. Call before anything else.
static inline herr_t hdf5_leave_exit_alone(void) { return H5dont_atexit(); }

/// Printing of errors is a setting of the calling thread.
static inline void hdf5_silence(void) { (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

typedef struct {
    char *text;
    size_t size;
} hdf5_message;

static inline herr_t hdf5_copy_innermost(unsigned depth, const H5E_error2_t *error, void *context) {
    hdf5_message *message = (hdf5_message *)context;
    if (depth == 0 && error->desc != NULL) snprintf(message->text, message->size, "%s", error->desc);
    return 0;
}

/// Copies the innermost entry of this thread's error stack (an empty text if there is none) and empties the stack.
static inline void hdf5_take_error(char *text, size_t size) {
    hdf5_message message = {text, size};
    text[0] = 0;
    (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, hdf5_copy_innermost, &message);
    (void)H5Eclear2(H5E_DEFAULT);
}
