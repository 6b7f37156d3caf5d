#include "ctorch_math.h"
#include "support.hpp"

#include <ATen/ops/add.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/div.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/log.h>
#include <ATen/ops/masked_fill.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/square.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/where.h>

CTStatus ct_add(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out) {
    return yields(out, [&] { return at::add(a->value, b->value); });
}

CTStatus ct_subtract(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out) {
    return yields(out, [&] { return at::sub(a->value, b->value); });
}

CTStatus ct_multiply(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out) {
    return yields(out, [&] { return at::mul(a->value, b->value); });
}

CTStatus ct_divide(const ct_tensor *a, const ct_tensor *b, ct_tensor_out out) {
    return yields(out, [&] { return at::div(a->value, b->value); });
}

CTStatus ct_add_scalar(const ct_tensor *a, double b, ct_tensor_out out) {
    return yields(out, [&] { return at::add(a->value, b); });
}

CTStatus ct_subtract_from_scalar(const ct_tensor *a, double b, ct_tensor_out out) {
    return yields(out, [&] { return at::rsub(a->value, b); });
}

CTStatus ct_multiply_scalar(const ct_tensor *a, double b, ct_tensor_out out) {
    return yields(out, [&] { return at::mul(a->value, b); });
}

CTStatus ct_divide_scalar(const ct_tensor *a, double b, ct_tensor_out out) {
    return yields(out, [&] { return at::div(a->value, b); });
}

CTStatus ct_negative(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::neg(tensor->value); });
}

CTStatus ct_exp(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::exp(tensor->value); });
}

CTStatus ct_log(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::log(tensor->value); });
}

CTStatus ct_sqrt(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::sqrt(tensor->value); });
}

CTStatus ct_square(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::square(tensor->value); });
}

CTStatus ct_reciprocal(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::reciprocal(tensor->value); });
}

CTStatus ct_clamp(const ct_tensor *tensor, double minimum, double maximum, ct_tensor_out out) {
    return yields(out, [&] { return at::clamp(tensor->value, minimum, maximum); });
}

CTStatus ct_clamp_min(const ct_tensor *tensor, double minimum, ct_tensor_out out) {
    return yields(out, [&] { return at::clamp_min(tensor->value, minimum); });
}

CTStatus ct_tanh(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::tanh(tensor->value); });
}

CTStatus ct_sigmoid(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::sigmoid(tensor->value); });
}

CTStatus ct_relu(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::relu(tensor->value); });
}

CTStatus ct_leaky_relu(const ct_tensor *tensor, double slope, ct_tensor_out out) {
    return yields(out, [&] { return at::leaky_relu(tensor->value, slope); });
}

CTStatus ct_gelu(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::gelu(tensor->value); });
}

CTStatus ct_silu(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::silu(tensor->value); });
}

CTStatus ct_masked_fill(const ct_tensor *tensor, const ct_tensor *mask, double value, ct_tensor_out out) {
    return yields(out, [&] { return at::masked_fill(tensor->value, mask->value, value); });
}

CTStatus ct_where(const ct_tensor *condition, const ct_tensor *a, const ct_tensor *b, ct_tensor_out out) {
    return yields(out, [&] { return at::where(condition->value, a->value, b->value); });
}
