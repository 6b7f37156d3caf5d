#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Making tensors, looking at them, copying them, changing them in place.

/// Copies `byte_count` bytes, row-major; they must be exactly what `shape` and `dtype` want.
CTStatus ct_from_bytes(
    const void *_Nullable bytes, size_t byte_count, CTDType dtype, const int64_t *shape, size_t rank, int32_t device,
    ct_tensor_out out);
CTStatus ct_full(
    double value, CTDType dtype, const int64_t *shape, size_t rank, int32_t device, ct_tensor_out out);
void ct_tensor_free(ct_tensor *_Nullable tensor);

size_t ct_rank(const ct_tensor *tensor);
/// Elements along `dimension`, which must be less than the rank.
int64_t ct_size(const ct_tensor *tensor, size_t dimension);
int64_t ct_count(const ct_tensor *tensor);
CTDType ct_dtype(const ct_tensor *tensor);
int32_t ct_device(const ct_tensor *tensor);

/// Writes the elements, row-major and converted to `dtype`, into memory of exactly `byte_count` bytes.
CTStatus ct_copy_out(const ct_tensor *tensor, CTDType dtype, void *_Nullable bytes, size_t byte_count);

CTStatus ct_to_dtype(const ct_tensor *tensor, CTDType dtype, ct_tensor_out out);
CTStatus ct_to_device(const ct_tensor *tensor, int32_t device, ct_tensor_out out);
CTStatus ct_contiguous(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_clone(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_detach(const ct_tensor *tensor, ct_tensor_out out);

// In place.
CTStatus ct_assign(ct_tensor *tensor, const ct_tensor *source);
CTStatus ct_scale(ct_tensor *tensor, double factor);
/// tensor += factor * other
CTStatus ct_accumulate(ct_tensor *tensor, const ct_tensor *other, double factor);
/// tensor[index[i]] += rows[i] for every i, which may say one row several times: `index` [n] is of int64.
CTStatus ct_accumulate_rows(ct_tensor *tensor, const ct_tensor *index, const ct_tensor *rows);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
