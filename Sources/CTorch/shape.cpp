#include "ctorch_shape.h"
#include "support.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/stack.h>

CTStatus ct_reshape(const ct_tensor *tensor, const int64_t *shape, size_t rank, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.reshape(list(shape, rank)); });
}

CTStatus ct_transpose(const ct_tensor *tensor, int64_t first, int64_t second, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.transpose(first, second); });
}

CTStatus ct_permute(const ct_tensor *tensor, const int64_t *dimensions, size_t rank, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.permute(list(dimensions, rank)); });
}

CTStatus ct_unsqueeze(const ct_tensor *tensor, int64_t dimension, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.unsqueeze(dimension); });
}

CTStatus ct_squeeze(const ct_tensor *tensor, int64_t dimension, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.squeeze(dimension); });
}

CTStatus ct_expand(const ct_tensor *tensor, const int64_t *shape, size_t rank, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.expand(list(shape, rank)); });
}

CTStatus ct_select(const ct_tensor *tensor, int64_t dimension, int64_t index, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.select(dimension, index); });
}

CTStatus ct_narrow(const ct_tensor *tensor, int64_t dimension, int64_t start, int64_t length, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.narrow(dimension, start, length); });
}

CTStatus ct_index_select(const ct_tensor *tensor, int64_t dimension, const ct_tensor *index, ct_tensor_out out) {
    return yields(out, [&] { return at::index_select(tensor->value, dimension, index->value); });
}

CTStatus ct_gather(const ct_tensor *tensor, int64_t dimension, const ct_tensor *index, ct_tensor_out out) {
    return yields(out, [&] { return at::gather(tensor->value, dimension, index->value); });
}

CTStatus ct_concatenate(ct_tensor_list tensors, size_t count, int64_t dimension, ct_tensor_out out) {
    return yields(out, [&] { return at::cat(list(tensors, count), dimension); });
}

CTStatus ct_stack(ct_tensor_list tensors, size_t count, int64_t dimension, ct_tensor_out out) {
    return yields(out, [&] { return at::stack(list(tensors, count), dimension); });
}
