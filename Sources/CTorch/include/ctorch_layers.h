#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Products, layers and losses.

CTStatus ct_matmul(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out);
CTStatus ct_bmm(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out);
CTStatus ct_linear(
    const ct_tensor *input, const ct_tensor *weight, const ct_tensor *_Nullable bias, ct_tensor_out out);
CTStatus ct_layer_norm(
    const ct_tensor *input, const int64_t *normalized_shape, size_t rank, const ct_tensor *_Nullable weight,
    const ct_tensor *_Nullable bias, double epsilon, ct_tensor_out out);
CTStatus ct_conv1d(
    const ct_tensor *input, const ct_tensor *weight, const ct_tensor *_Nullable bias, int64_t stride, int64_t padding,
    int64_t groups, ct_tensor_out out);
/// `stride` and `padding` hold two numbers each: down, across.
CTStatus ct_conv2d(
    const ct_tensor *input, const ct_tensor *weight, const ct_tensor *_Nullable bias, const int64_t *stride,
    const int64_t *padding, int64_t groups, ct_tensor_out out);
/// Mean over rows of logits [N, C] against classes [N] of int64, weighted by class where `weight` [C] is given.
CTStatus ct_cross_entropy(
    const ct_tensor *logits, const ct_tensor *target, const ct_tensor *_Nullable weight, ct_tensor_out out);
CTStatus ct_cosine_similarity(
    const ct_tensor *a, const ct_tensor *b, int64_t dimension, double epsilon, ct_tensor_out out);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
