#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Views, selections and joins. A negative dimension counts from the end.

CTStatus ct_reshape(const ct_tensor *tensor, const int64_t *shape, size_t rank, ct_tensor_out out);
CTStatus ct_transpose(const ct_tensor *tensor, int64_t first, int64_t second, ct_tensor_out out);
CTStatus ct_permute(const ct_tensor *tensor, const int64_t *dimensions, size_t rank, ct_tensor_out out);
CTStatus ct_unsqueeze(const ct_tensor *tensor, int64_t dimension, ct_tensor_out out);
CTStatus ct_squeeze(const ct_tensor *tensor, int64_t dimension, ct_tensor_out out);
CTStatus ct_expand(const ct_tensor *tensor, const int64_t *shape, size_t rank, ct_tensor_out out);
CTStatus ct_select(const ct_tensor *tensor, int64_t dimension, int64_t index, ct_tensor_out out);
CTStatus ct_narrow(const ct_tensor *tensor, int64_t dimension, int64_t start, int64_t length, ct_tensor_out out);
CTStatus ct_index_select(const ct_tensor *tensor, int64_t dimension, const ct_tensor *index, ct_tensor_out out);
CTStatus ct_gather(const ct_tensor *tensor, int64_t dimension, const ct_tensor *index, ct_tensor_out out);
CTStatus ct_concatenate(ct_tensor_list tensors, size_t count, int64_t dimension, ct_tensor_out out);
CTStatus ct_stack(ct_tensor_list tensors, size_t count, int64_t dimension, ct_tensor_out out);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
