#include "ctorch_reduce.h"
#include "support.hpp"

#include <ATen/ops/argsort.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/max.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/topk.h>

CTStatus ct_softmax(const ct_tensor *tensor, int64_t dimension, ct_tensor_out out) {
    return yields(out, [&] { return at::softmax(tensor->value, dimension); });
}

CTStatus ct_log_softmax(const ct_tensor *tensor, int64_t dimension, ct_tensor_out out) {
    return yields(out, [&] { return at::log_softmax(tensor->value, dimension); });
}

CTStatus ct_sum(const ct_tensor *tensor, int64_t dimension, bool keep, ct_tensor_out out) {
    return yields(out, [&] { return at::sum(tensor->value, {dimension}, keep); });
}

CTStatus ct_sum_all(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::sum(tensor->value); });
}

CTStatus ct_mean(const ct_tensor *tensor, int64_t dimension, bool keep, ct_tensor_out out) {
    return yields(out, [&] { return at::mean(tensor->value, {dimension}, keep); });
}

CTStatus ct_mean_all(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::mean(tensor->value); });
}

CTStatus ct_max(const ct_tensor *tensor, int64_t dimension, bool keep, ct_tensor_out values, ct_tensor_out indices) {
    return yields_pair(values, indices, [&] { return at::max(tensor->value, dimension, keep); });
}

CTStatus ct_max_all(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return at::max(tensor->value); });
}

CTStatus ct_topk(
    const ct_tensor *tensor, int64_t count, int64_t dimension, bool largest, ct_tensor_out values,
    ct_tensor_out indices) {
    return yields_pair(values, indices, [&] { return at::topk(tensor->value, count, dimension, largest); });
}

CTStatus ct_argsort(const ct_tensor *tensor, int64_t dimension, bool descending, ct_tensor_out out) {
    return yields(out, [&] { return at::argsort(tensor->value, /*stable=*/true, dimension, descending); });
}
