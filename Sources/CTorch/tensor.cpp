#include "ctorch_tensor.h"
#include "support.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <cstring>

static_assert(CTDTypeUint8 == static_cast<int>(c10::ScalarType::Byte));
static_assert(CTDTypeInt64 == static_cast<int>(c10::ScalarType::Long));
static_assert(CTDTypeFloat16 == static_cast<int>(c10::ScalarType::Half));
static_assert(CTDTypeFloat32 == static_cast<int>(c10::ScalarType::Float));
static_assert(CTDTypeBool == static_cast<int>(c10::ScalarType::Bool));
static_assert(CTDTypeBfloat16 == static_cast<int>(c10::ScalarType::BFloat16));

CTStatus ct_from_bytes(
    const void *bytes, size_t byte_count, CTDType dtype, const int64_t *shape, size_t rank, int32_t device,
    ct_tensor_out out) {
    return yields(out, [&] {
        auto host = at::empty(list(shape, rank), type_of(dtype));
        TORCH_CHECK(
            host.nbytes() == byte_count, "a tensor of shape ", host.sizes(), " has ", host.nbytes(), " bytes, found ",
            byte_count);
        if (byte_count > 0) std::memcpy(host.mutable_data_ptr(), bytes, byte_count);
        return host.to(device_of(device));
    });
}

CTStatus ct_full(
    double value, CTDType dtype, const int64_t *shape, size_t rank, int32_t device, ct_tensor_out out) {
    return yields(out, [&] {
        auto options = at::TensorOptions(type_of(dtype)).device(device_of(device));
        return at::full(list(shape, rank), value, options);
    });
}

void ct_tensor_free(ct_tensor *tensor) { delete tensor; }

size_t ct_rank(const ct_tensor *tensor) { return tensor->value.sizes().size(); }

int64_t ct_size(const ct_tensor *tensor, size_t dimension) { return tensor->value.sizes()[dimension]; }

int64_t ct_count(const ct_tensor *tensor) { return tensor->value.numel(); }

CTDType ct_dtype(const ct_tensor *tensor) {
    switch (tensor->value.scalar_type()) {
    case c10::ScalarType::Byte: return CTDTypeUint8;
    case c10::ScalarType::Long: return CTDTypeInt64;
    case c10::ScalarType::Half: return CTDTypeFloat16;
    case c10::ScalarType::Float: return CTDTypeFloat32;
    case c10::ScalarType::Bool: return CTDTypeBool;
    case c10::ScalarType::BFloat16: return CTDTypeBfloat16;
    default: return CTDTypeOther;
    }
}

int32_t ct_device(const ct_tensor *tensor) {
    if (tensor->value.is_meta()) return CT_META;
    return tensor->value.is_cuda() ? static_cast<int32_t>(tensor->value.get_device()) : CT_CPU;
}

CTStatus ct_copy_out(const ct_tensor *tensor, CTDType dtype, void *bytes, size_t byte_count) {
    return guarded([&] {
        auto host = tensor->value.detach().to(c10::Device(c10::kCPU), type_of(dtype)).contiguous();
        TORCH_CHECK(host.nbytes() == byte_count, "the tensor has ", host.nbytes(), " bytes, not ", byte_count);
        if (byte_count > 0) std::memcpy(bytes, host.const_data_ptr(), byte_count);
    });
}

CTStatus ct_to_dtype(const ct_tensor *tensor, CTDType dtype, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.to(type_of(dtype)); });
}

CTStatus ct_to_device(const ct_tensor *tensor, int32_t device, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.to(device_of(device)); });
}

CTStatus ct_contiguous(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.contiguous(); });
}

CTStatus ct_clone(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.clone(); });
}

CTStatus ct_detach(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] { return tensor->value.detach(); });
}

CTStatus ct_assign(ct_tensor *tensor, const ct_tensor *source) {
    return guarded([&] { tensor->value.copy_(source->value); });
}

CTStatus ct_scale(ct_tensor *tensor, double factor) {
    return guarded([&] { tensor->value.mul_(factor); });
}

CTStatus ct_accumulate(ct_tensor *tensor, const ct_tensor *other, double factor) {
    return guarded([&] { tensor->value.add_(other->value, factor); });
}

CTStatus ct_accumulate_rows(ct_tensor *tensor, const ct_tensor *index, const ct_tensor *rows) {
    return guarded([&] { tensor->value.index_add_(0, index->value, rows->value); });
}
