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

typedef void (*hdf5_name_sink)(const char *name, void *context);

typedef struct {
    hdf5_name_sink sink;
    void *context;
} hdf5_names;

static inline herr_t hdf5_hand_name(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    (void)group;
    (void)info;
    hdf5_names *names = (hdf5_names *)context;
    names->sink(name, names->context);
    return 0;
}

/// Hands over the names of what lies directly under a file or group, in their order; negative on failure.
static inline herr_t hdf5_each_name(hid_t group, hdf5_name_sink sink, void *context) {
    hdf5_names names = {sink, context};
    return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, hdf5_hand_name, &names);
}

/// Looks for a filter that an array went through and this libhdf5 has not. Returns 1 and sets its number and the name that the
/// file has for it, 0 where all are there, negative on failure.
static inline int hdf5_missing_filter(hid_t dataset, int *number, char *name, size_t size) {
    hid_t properties = H5Dget_create_plist(dataset);
    if (properties < 0) return -1;
    int count = H5Pget_nfilters(properties);
    int result = count < 0 ? -1 : 0;
    for (int index = 0; index < count && result == 0; index++) {
        unsigned flags = 0;
        size_t values = 0;
        name[0] = 0;
        H5Z_filter_t filter = H5Pget_filter2(properties, (unsigned)index, &flags, &values, NULL, size, name, NULL);
        if (filter < 0) {
            result = -1;
        } else if (H5Zfilter_avail(filter) <= 0) {
            (void)H5Eclear2(H5E_DEFAULT);
            *number = filter;
            result = 1;
        }
    }
    return H5Pclose(properties) < 0 ? -1 : result;
}

/// Where an array's numbers lie: 0 in its file, 1 in other files as raw bytes, 2 in other files as parts of their arrays;
/// negative on failure. Asks for nothing that would open those files.
static inline int hdf5_storage(hid_t dataset) {
    hid_t properties = H5Dget_create_plist(dataset);
    if (properties < 0) return -1;
    int result = -1;
    int files = H5Pget_external_count(properties);
    H5D_layout_t layout = H5Pget_layout(properties);
    if (files >= 0 && layout >= 0) result = files > 0 ? 1 : layout == H5D_VIRTUAL ? 2 : 0;
    return H5Pclose(properties) < 0 ? -1 : result;
}

/// What a name under a file or group is: 0 the thing itself, 1 a link inside of the file, 2 a link to another file or of an
/// unknown kind; negative on failure. The link is not followed.
static inline int hdf5_link(hid_t group, const char *name) {
    H5L_info_t info;
    if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
    return info.type == H5L_TYPE_HARD ? 0 : info.type == H5L_TYPE_SOFT ? 1 : 2;
}

/// From here on no link leads into another file, also none that a link inside of the file leads to.
static inline herr_t hdf5_forget_external_links(void) { return H5Lunregister(H5L_TYPE_EXTERNAL); }

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
