#include "ctorch_autograd.h"
#include "support.hpp"

#include <ATen/core/grad_mode.h>

bool ct_set_grad_enabled(bool enabled) {
    const bool previous = at::GradMode::is_enabled();
    at::GradMode::set_enabled(enabled);
    return previous;
}

bool ct_requires_grad(const ct_tensor *tensor) { return tensor->value.requires_grad(); }

CTStatus ct_set_requires_grad(ct_tensor *tensor, bool flag) {
    return guarded([&] { tensor->value.set_requires_grad(flag); });
}

CTStatus ct_backward(const ct_tensor *tensor) {
    return guarded([&] { tensor->value.backward(); });
}

CTStatus ct_grad(const ct_tensor *tensor, ct_tensor_out out) {
    return guarded([&] {
        const at::Tensor &gradient = tensor->value.grad();
        *out = gradient.defined() ? new ct_tensor{gradient} : nullptr;
    });
}

void ct_drop_grad(ct_tensor *tensor) { tensor->value.mutable_grad().reset(); }
