#include "ctorch_layers.h"
#include "support.hpp"

#include <ATen/ops/bmm.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/cosine_similarity.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>

CTStatus ct_matmul(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out) {
    return yields(out, [&] { return at::matmul(a->value, b->value); });
}

CTStatus ct_bmm(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out) {
    return yields(out, [&] { return at::bmm(a->value, b->value); });
}

CTStatus ct_linear(const ct_tensor *input, const ct_tensor *weight, const ct_tensor *bias, ct_tensor_out out) {
    return yields(out, [&] { return at::linear(input->value, weight->value, optional(bias)); });
}

CTStatus ct_layer_norm(
    const ct_tensor *input, const int64_t *normalized_shape, size_t rank, const ct_tensor *weight,
    const ct_tensor *bias, double epsilon, ct_tensor_out out) {
    return yields(out, [&] {
        return at::layer_norm(input->value, list(normalized_shape, rank), optional(weight), optional(bias), epsilon);
    });
}

CTStatus ct_conv1d(
    const ct_tensor *input, const ct_tensor *weight, const ct_tensor *bias, int64_t stride, int64_t padding,
    int64_t groups, ct_tensor_out out) {
    return yields(out, [&] {
        return at::conv1d(
            input->value, weight->value, optional(bias), {stride}, at::IntArrayRef{padding}, at::IntArrayRef{1}, groups);
    });
}

CTStatus ct_conv2d(
    const ct_tensor *input, const ct_tensor *weight, const ct_tensor *bias, const int64_t *stride,
    const int64_t *padding, int64_t groups, ct_tensor_out out) {
    return yields(out, [&] {
        constexpr int64_t dilation[] = {1, 1};
        return at::conv2d(
            input->value, weight->value, optional(bias), list(stride, 2), list(padding, 2), dilation, groups);
    });
}

CTStatus ct_cross_entropy(
    const ct_tensor *logits, const ct_tensor *target, const ct_tensor *weight, ct_tensor_out out) {
    return yields(out, [&] { return at::cross_entropy_loss(logits->value, target->value, optional(weight)); });
}

CTStatus ct_cosine_similarity(
    const ct_tensor *a, const ct_tensor *b, int64_t dimension, double epsilon, ct_tensor_out out) {
    return yields(out, [&] { return at::cosine_similarity(a->value, b->value, dimension, epsilon); });
}
