#pragma once

// What the operators over instances share: their element types, and sums over many rows.

#include "rows.hpp"
#include "support.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <algorithm>
#include <initializer_list>
#include <optional>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// An operand that may be absent: an empty tensor then, because an autograd function takes no undefined one.
inline at::Tensor operand(const ct_tensor *_Nullable tensor) {
    return tensor ? tensor->value : at::empty({0}, at::TensorOptions(at::kFloat));
}

inline bool is_given(const at::Tensor &tensor) { return tensor.numel() > 0; }

/// As LibTorch's operators take it: cast to a type, or none.
inline std::optional<at::Tensor> cast_if_given(const at::Tensor &tensor, at::ScalarType type) {
    return is_given(tensor) ? std::optional<at::Tensor>(tensor.to(type)) : std::nullopt;
}

/// Where the path is chosen, for all operators over instances: the loops of this library read the CPU's memory; elsewhere, and
/// where a test asks for it, LibTorch's own operators compute the same.
bool runs_own_loops(const at::Tensor &instances);

inline bool is_recording(std::initializer_list<const at::Tensor *> operands) {
    return at::GradMode::is_enabled() && std::any_of(operands.begin(), operands.end(), [](const at::Tensor *tensor) {
               return tensor->requires_grad();
           });
}

/// Calls `body` with pointers to the elements as the loops take them, float or bits16.
template <typename Body>
void with_elements(at::ScalarType type, Body &&body) {
    switch (type) {
    case at::kFloat: return body(float{});
    case at::kBFloat16: return body(bits16{});
    default: TORCH_CHECK(false, "instances are of fp32 or bf16, not of ", type);
    }
}

/// A gradient to be changed in place: itself where nothing else holds it, so that no fresh memory is touched.
inline at::Tensor writable(at::Tensor &&gradient) {
    const bool is_alone = gradient.use_count() == 1 && gradient.storage().use_count() == 1;
    return is_alone && gradient.is_contiguous() ? std::move(gradient) : gradient.clone(at::MemoryFormat::Contiguous);
}

template <typename Stored>
Stored *_Nullable elements(const at::Tensor &tensor) {
    return is_given(tensor) ? static_cast<Stored *>(tensor.mutable_data_ptr()) : nullptr;
}

/// The values of a contiguous fp32 tensor. LibTorch's `const_data_ptr<float>` is a template that compilers do not name alike, and a wheel
/// has it under the name that its own compiler gave it.
inline const float *_Nonnull floats(const at::Tensor &tensor) {
    TORCH_CHECK(tensor.scalar_type() == at::kFloat && tensor.is_contiguous(), "values are fp32 in one piece");
    return static_cast<const float *>(tensor.const_data_ptr());
}

/// A parameter's values as fp32, in order.
inline at::Tensor values_of(const at::Tensor &parameter) {
    return parameter.detach().to(at::kFloat).contiguous();
}

/// Sums over many rows in fp32: those of 64 rows first, so that rounding grows with the blocks and not with the rows.
struct RowSums {
    static constexpr size_t block = 64;
    std::vector<float> totals, current;

    explicit RowSums(size_t width) : totals(width), current(width) {}

    /// To be called after every row.
    CT_INLINE void finish_row(size_t row, bool is_last) {
        if ((row + 1) % block != 0 && !is_last) return;
        float *__restrict sums = totals.data();
        float *__restrict part = current.data();
        const size_t width = totals.size();
        for (size_t d = 0; d < width; ++d) {
            sums[d] += part[d];
            part[d] = 0;
        }
    }
};

/// An fp32 tensor of the values that begin at `first`.
inline at::Tensor tensor_of(const float *first, at::IntArrayRef shape) {
    auto tensor = at::empty(shape, at::TensorOptions(at::kFloat));
    std::copy_n(first, tensor.numel(), tensor.mutable_data_ptr<float>());
    return tensor;
}

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
