#pragma once

// What every .cpp of this library shares. Operators are one line each: no logic lives in the shim.

#include "ctorch_base.h"

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>
#include <exception>
#include <optional>
#include <vector>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

struct ct_tensor {
    at::Tensor value;
};

void set_last_error(const char *message) noexcept;

/// Runs `body`; whatever it throws becomes this thread's last error.
template <typename Body>
CTStatus guarded(Body &&body) noexcept {
    try {
        body();
        return CTStatusOK;
    } catch (const c10::Error &error) {
        // what() would add thirty lines of C++ stack.
        set_last_error(error.what_without_backtrace());
    } catch (const std::exception &error) {
        set_last_error(error.what());
    } catch (...) {
        set_last_error("unknown C++ exception");
    }
    return CTStatusFailed;
}

/// Hands the tensor that `body` returns to the caller.
template <typename Body>
CTStatus yields(ct_tensor_out out, Body &&body) noexcept {
    return guarded([&] { *out = new ct_tensor{body()}; });
}

/// Hands a pair of tensors to the caller: both or none.
template <typename Body>
CTStatus yields_pair(ct_tensor_out first, ct_tensor_out second, Body &&body) noexcept {
    return guarded([&] {
        auto [left, right] = body();
        auto *held = new ct_tensor{std::move(left)};
        try {
            *second = new ct_tensor{std::move(right)};
        } catch (...) {
            delete held;
            throw;
        }
        *first = held;
    });
}

inline std::optional<at::Tensor> optional(const ct_tensor *_Nullable tensor) {
    return tensor ? std::optional<at::Tensor>(tensor->value) : std::nullopt;
}

inline at::IntArrayRef list(const int64_t *values, size_t count) { return {values, count}; }

inline std::vector<at::Tensor> list(ct_tensor_list tensors, size_t count) {
    std::vector<at::Tensor> values;
    values.reserve(count);
    for (size_t index = 0; index < count; ++index) values.push_back(tensors[index]->value);
    return values;
}

inline c10::Device device_of(int32_t device) {
    if (device == CT_META) return c10::Device(c10::kMeta);
    return device < 0 ? c10::Device(c10::kCPU) : c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(device));
}

inline c10::ScalarType type_of(CTDType dtype) {
    TORCH_CHECK(dtype != CTDTypeOther, "a tensor of this element type cannot be made");
    return static_cast<c10::ScalarType>(dtype);
}

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
