// Operators of training steps that LibTorch's meta device knows in Python alone: what shape comes of them.

#include <ATen/ExpandUtils.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/result_type.h>
#include <algorithm>
#include <array>
#include <optional>
#include <torch/library.h>
#include <tuple>
#include <vector>

namespace {

at::Tensor index_select(const at::Tensor &tensor, int64_t dimension, const at::Tensor &index) {
    auto sides = tensor.sizes().vec();
    if (!sides.empty()) sides[dimension < 0 ? dimension + tensor.dim() : dimension] = index.numel();
    return at::empty(sides, tensor.options());
}

at::Tensor where(const at::Tensor &condition, const at::Tensor &one, const at::Tensor &other) {
    const auto sides = at::infer_size(condition.sizes(), at::infer_size(one.sizes(), other.sizes()));
    return at::empty(sides, one.options().dtype(at::result_type(one, other)));
}

at::Tensor &where_out(
    const at::Tensor &condition, const at::Tensor &one, const at::Tensor &other, at::Tensor &out) {
    out.resize_(at::infer_size(condition.sizes(), at::infer_size(one.sizes(), other.sizes())));
    return out;
}

at::Tensor &both_out(const at::Tensor &one, const at::Tensor &other, at::Tensor &out) {
    out.resize_(at::infer_size(one.sizes(), other.sizes()));
    return out;
}

at::Tensor is_nan(const at::Tensor &tensor) { return at::empty_like(tensor, tensor.options().dtype(at::kBool)); }

at::Tensor same(const at::Tensor &tensor) { return at::empty_like(tensor); }

at::Tensor &same_in_place(at::Tensor &tensor) { return tensor; }

at::Tensor &fill_in_place(at::Tensor &tensor, const at::Tensor &, const at::Scalar &) { return tensor; }

at::Tensor largest(const at::Tensor &tensor) { return at::empty({}, tensor.options()); }

at::Tensor like(const at::Tensor &tensor, bool is_wanted) {
    return is_wanted && tensor.defined() ? at::empty_like(tensor) : at::Tensor();
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm(
    const at::Tensor &input, at::IntArrayRef normalised, const std::optional<at::Tensor> &,
    const std::optional<at::Tensor> &, double) {
    auto sides = input.sizes().vec();
    std::fill(sides.end() - static_cast<std::ptrdiff_t>(normalised.size()), sides.end(), 1);
    const auto statistics = input.options().dtype(at::kFloat);
    return {at::empty_like(input), at::empty(sides, statistics), at::empty(sides, statistics)};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm_backward(
    const at::Tensor &, const at::Tensor &input, at::IntArrayRef, const at::Tensor &, const at::Tensor &,
    const std::optional<at::Tensor> &weight, const std::optional<at::Tensor> &bias, std::array<bool, 3> wanted) {
    return {
        like(input, wanted[0]), like(weight.value_or(at::Tensor()), wanted[1]),
        like(bias.value_or(at::Tensor()), wanted[2])};
}

at::Tensor convolution(
    const at::Tensor &input, const at::Tensor &weight, const std::optional<at::Tensor> &, at::IntArrayRef stride,
    at::IntArrayRef padding, at::IntArrayRef dilation, bool, at::IntArrayRef, int64_t) {
    std::vector<int64_t> sides{input.size(0), weight.size(0)};
    for (int64_t d = 2; d < input.dim(); ++d) {
        const int64_t reach = dilation[d - 2] * (weight.size(d) - 1) + 1;
        sides.push_back((input.size(d) + 2 * padding[d - 2] - reach) / stride[d - 2] + 1);
    }
    return at::empty(sides, input.options());
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(
    const at::Tensor &, const at::Tensor &input, const at::Tensor &weight, at::IntArrayRef, at::IntArrayRef,
    at::IntArrayRef, bool, at::IntArrayRef, int64_t, std::array<bool, 3> wanted) {
    return {
        like(input, wanted[0]), like(weight, wanted[1]),
        wanted[2] ? at::empty({weight.size(0)}, weight.options()) : at::Tensor()};
}

} // namespace

TORCH_LIBRARY_IMPL(aten, Meta, library) {
    library.impl("index_select", &index_select);
    library.impl("where.self", &where);
    library.impl("where.self_out", &where_out);
    library.impl("logical_and.out", &both_out);
    library.impl("logical_or.out", &both_out);
    library.impl("isnan", &is_nan);
    library.impl("relu", &same);
    library.impl("relu_", &same_in_place);
    library.impl("masked_fill_.Scalar", &fill_in_place);
    library.impl("max", &largest);
    library.impl("native_layer_norm", &layer_norm);
    library.impl("native_layer_norm_backward", &layer_norm_backward);
    library.impl("convolution_overrideable", &convolution);
    library.impl("convolution_backward_overrideable", &convolution_backward);
}
