#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Element by element, with broadcasting.

CTStatus ct_add(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out);
CTStatus ct_subtract(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out);
CTStatus ct_multiply(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out);
CTStatus ct_divide(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out);
CTStatus ct_add_scalar(const ct_tensor *a, double b, ct_tensor_out out);
/// b - a
CTStatus ct_subtract_from_scalar(const ct_tensor *a, double b, ct_tensor_out out);
CTStatus ct_multiply_scalar(const ct_tensor *a, double b, ct_tensor_out out);
CTStatus ct_divide_scalar(const ct_tensor *a, double b, ct_tensor_out out);

CTStatus ct_negative(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_exp(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_log(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_sqrt(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_square(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_reciprocal(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_clamp(const ct_tensor *tensor, double minimum, double maximum, ct_tensor_out out);
CTStatus ct_clamp_min(const ct_tensor *tensor, double minimum, ct_tensor_out out);
CTStatus ct_tanh(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_sigmoid(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_relu(const ct_tensor *tensor, ct_tensor_out out);
/// x where it is above 0, else slope · x.
CTStatus ct_leaky_relu(const ct_tensor *tensor, double slope, ct_tensor_out out);
/// By the error function, not its tanh approximation.
CTStatus ct_gelu(const ct_tensor *tensor, ct_tensor_out out);
CTStatus ct_silu(const ct_tensor *tensor, ct_tensor_out out);

/// `mask` is of bool.
CTStatus ct_masked_fill(const ct_tensor *tensor, const ct_tensor *mask, double value, ct_tensor_out out);
CTStatus ct_where(const ct_tensor *condition, const ct_tensor *a, const ct_tensor *b, ct_tensor_out out);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
