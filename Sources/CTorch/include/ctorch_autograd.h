#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Gradients.

/// Turns the recording of gradients on or off for this thread; returns what it was.
bool ct_set_grad_enabled(bool enabled);
bool ct_requires_grad(const ct_tensor *tensor);
CTStatus ct_set_requires_grad(ct_tensor *tensor, bool flag);
/// Adds the gradients of a scalar to those of the leaves it was made from.
CTStatus ct_backward(const ct_tensor *tensor);
/// Writes NULL where no gradient has been computed. The handle shares the leaf's gradient.
CTStatus ct_grad(const ct_tensor *tensor, ct_tensor_out out);
void ct_drop_grad(ct_tensor *tensor);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
