#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Along one dimension or over everything.

CTStatus ct_softmax(const ct_tensor *tensor, int64_t dimension, ct_tensor_out out);
CTStatus ct_log_softmax(const ct_tensor *tensor, int64_t dimension, ct_tensor_out out);
CTStatus ct_sum(const ct_tensor *tensor, int64_t dimension, bool keep, ct_tensor_out out);
CTStatus ct_sum_all(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_mean(const ct_tensor *tensor, int64_t dimension, bool keep, ct_tensor_out out);
CTStatus ct_mean_all(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_max(const ct_tensor *tensor, int64_t dimension, bool keep, ct_tensor_out values, ct_tensor_out indices);
CTStatus ct_max_all(const ct_tensor *tensor, ct_tensor_out out);
/// Sorted; the order among equal values is the device's own.
CTStatus ct_topk(
    const ct_tensor *tensor, int64_t count, int64_t dimension, bool largest, ct_tensor_out values,
    ct_tensor_out indices);
/// Stable.
CTStatus ct_argsort(const ct_tensor *tensor, int64_t dimension, bool descending, ct_tensor_out out);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
