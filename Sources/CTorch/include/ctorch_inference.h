#pragma once

#include "ctorch_activation.h"
#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Networks whose weights no longer change: attention in one kernel, layers fused with what follows them. Their activations
// are none, relu and gelu.

/// softmax(q·kᵀ/√d)·v for q [B, heads, n, d] and k, v [B, heads, m, d], never holding the n × m weights.
CTStatus ct_attention(const ct_tensor *query, const ct_tensor *key, const ct_tensor *value, ct_tensor_out out);
CTStatus ct_max_pool2d(const ct_tensor *input, int64_t side, int64_t stride, int64_t padding, ct_tensor_out out);
/// [B, C, H, W] to [B, C, side, side] by bicubic interpolation; `antialias` widens the kernel where it shrinks. The result
/// is thought to be `factor` times larger where that is above 0, else as the sides tell.
CTStatus ct_resize_bicubic(const ct_tensor *maps, int64_t side, double factor, bool antialias, ct_tensor_out out);
/// The same values [B, C, H, W] with the channels of a pixel beside each other in memory.
CTStatus ct_channels_last(const ct_tensor *tensor, ct_tensor_out out);

/// Whether the packed layers work for this element type on this processor: LibTorch has oneDNN and its fused operators,
/// and for bf16 the processor multiplies in it.
CTStatus ct_can_pack(CTDType dtype, bool *out);

/// A weight [out, in] in the layout that oneDNN multiplies fastest; good for ct_packed_linear only.
CTStatus ct_pack_linear(const ct_tensor *weight, ct_tensor_out out);
/// activation(x · weightᵀ + bias), or x · weightᵀ + bias + other: an `other` wants no activation.
CTStatus ct_packed_linear(
    const ct_tensor *input, const ct_tensor *packed, const ct_tensor *_Nullable bias, const ct_tensor *_Nullable other,
    CTActivation activation, ct_tensor_out out);

/// A weight [out, in / groups, k, k] in the layout that oneDNN convolves fastest; good for ct_packed_conv2d with the same
/// stride, padding and groups only.
CTStatus ct_pack_conv2d(
    const ct_tensor *weight, int64_t stride, int64_t padding, int64_t groups, ct_tensor_out out);
/// activation(convolution + bias + other); `other` may be absent. The activation is none or relu.
CTStatus ct_packed_conv2d(
    const ct_tensor *input, const ct_tensor *packed, const ct_tensor *_Nullable bias, const ct_tensor *_Nullable other,
    int64_t stride, int64_t padding, int64_t groups, CTActivation activation, ct_tensor_out out);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
