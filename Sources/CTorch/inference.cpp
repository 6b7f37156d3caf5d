#include "ctorch_inference.h"
#include "support.hpp"

#include <ATen/Context.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <initializer_list>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

CTStatus ct_attention(const ct_tensor *query, const ct_tensor *key, const ct_tensor *value, ct_tensor_out out) {
    return yields(out, [&] { return at::scaled_dot_product_attention(query->value, key->value, value->value); });
}

CTStatus ct_max_pool2d(const ct_tensor *input, int64_t side, int64_t stride, int64_t padding, ct_tensor_out out) {
    return yields(out, [&] { return at::max_pool2d(input->value, side, stride, padding); });
}

CTStatus ct_resize_bicubic(const ct_tensor *maps, int64_t side, double factor, bool antialias, ct_tensor_out out) {
    return yields(out, [&] {
        const auto scale = factor > 0 ? std::optional<double>(factor) : std::nullopt;
        return antialias ? at::_upsample_bicubic2d_aa(maps->value, {side, side}, false, scale, scale)
                         : at::upsample_bicubic2d(maps->value, {side, side}, false, scale, scale);
    });
}

CTStatus ct_channels_last(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.contiguous(at::MemoryFormat::ChannelsLast); });
}

namespace {

using Stack = torch::jit::Stack;

/// oneDNN's packed layers are operators without a C++ declaration: LibTorch's compiler calls them by name, and so is done
/// here. They are called boxed, so that a change of their C++ types is no change for us.
std::optional<c10::OperatorHandle> packed_operator(const char *name, const char *overload) {
    return c10::Dispatcher::singleton().findSchema({name, overload});
}

at::Tensor call(const char *name, const char *overload, std::initializer_list<c10::IValue> arguments) {
    const auto found = packed_operator(name, overload);
    TORCH_CHECK(found, "this LibTorch has no operator ", name);
    Stack stack(arguments);
    found->callBoxed(stack);
    return stack.at(0).toTensor();
}

c10::IValue value_of(const ct_tensor *_Nullable tensor) { return tensor ? c10::IValue(tensor->value) : c10::IValue(); }

const char *name_of(CTActivation activation) {
    switch (activation) {
    case CTActivationNone: return "none";
    case CTActivationRelu: return "relu";
    case CTActivationGelu: return "gelu";
    case CTActivationTanh:
    case CTActivationSigmoid: break;
    }
    TORCH_CHECK(false, "a packed layer takes no such activation");
}

c10::IValue pair(int64_t value) { return std::vector<int64_t>{value, value}; }

c10::IValue no_scalars() { return c10::List<std::optional<at::Scalar>>(); }

bool multiplies_bf16() {
#if defined(__x86_64__)
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr unsigned avx512_bf16 = 1u << 5, amx_bf16 = 1u << 22;
    if (__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax & avx512_bf16)) return true;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (edx & amx_bf16);
#else
    return false;
#endif
}

} // namespace

CTStatus ct_can_pack(CTDType dtype, bool *out) {
    return guarded([&] {
        const bool has_operators = packed_operator("mkldnn::_linear_pointwise", "binary")
            && packed_operator("mkldnn::_convolution_pointwise", "binary")
            && packed_operator("mkldnn::_reorder_linear_weight", "")
            && packed_operator("mkldnn::_reorder_convolution_weight", "");
        *out = at::globalContext().hasMKLDNN() && has_operators
            && (dtype == CTDTypeFloat32 || (dtype == CTDTypeBfloat16 && multiplies_bf16()));
    });
}

CTStatus ct_pack_linear(const ct_tensor *weight, ct_tensor_out out) {
    return yields(out, [&] { return call("mkldnn::_reorder_linear_weight", "", {weight->value, c10::IValue()}); });
}

CTStatus ct_packed_linear(
    const ct_tensor *input, const ct_tensor *packed, const ct_tensor *bias, const ct_tensor *other,
    CTActivation activation, ct_tensor_out out) {
    return yields(out, [&] {
        if (other) {
            TORCH_CHECK(activation == CTActivationNone, "a sum takes no activation");
            return call(
                "mkldnn::_linear_pointwise", "binary",
                {input->value, other->value, packed->value, value_of(bias), "add"});
        }
        // "none" is the name of GELU's exact form, and no name of an algorithm elsewhere.
        const auto algorithm = activation == CTActivationGelu ? c10::IValue("none") : c10::IValue("");
        return call(
            "mkldnn::_linear_pointwise", "",
            {input->value, packed->value, value_of(bias), name_of(activation), no_scalars(), algorithm});
    });
}

CTStatus ct_pack_conv2d(
    const ct_tensor *weight, int64_t stride, int64_t padding, int64_t groups, ct_tensor_out out) {
    return yields(out, [&] {
        return call(
            "mkldnn::_reorder_convolution_weight", "",
            {weight->value.contiguous(at::MemoryFormat::ChannelsLast), pair(padding), pair(stride), pair(1), groups,
             c10::IValue()});
    });
}

CTStatus ct_packed_conv2d(
    const ct_tensor *input, const ct_tensor *packed, const ct_tensor *bias, const ct_tensor *other, int64_t stride,
    int64_t padding, int64_t groups, CTActivation activation, ct_tensor_out out) {
    return yields(out, [&] {
        TORCH_CHECK(activation != CTActivationGelu, "a convolution takes no GELU");
        if (other) {
            const auto unary = activation == CTActivationNone ? c10::IValue() : c10::IValue(name_of(activation));
            return call(
                "mkldnn::_convolution_pointwise", "binary",
                {input->value, other->value, packed->value, value_of(bias), pair(padding), pair(stride), pair(1),
                 groups, "add", at::Scalar(1.0), unary, no_scalars(), c10::IValue()});
        }
        return call(
            "mkldnn::_convolution_pointwise", "",
            {input->value, packed->value, value_of(bias), pair(padding), pair(stride), pair(1), groups,
             name_of(activation), no_scalars(), c10::IValue("")});
    });
}
