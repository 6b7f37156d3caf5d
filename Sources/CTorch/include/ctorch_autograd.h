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

/// Takes a gradient back: `gradient` is the callee's to free. By itself it records nothing, and runs where LibTorch goes back through
/// history: on the caller's thread, or on the device's own.
typedef CTStatus (*ct_pull_back)(void *_Nonnull context, ct_tensor *_Nonnull gradient);

/// The same values with a history of the caller's own, as if they were made from `leaf`. When their gradient comes back `pull_back`
/// gets it, once, and adds to the gradients of whatever it wants, `ct_backward` among others; where it fails, its reason is what
/// `ct_backward` fails with. `release` frees the context, once, whatever comes of it.
CTStatus ct_with_history(
    const ct_tensor *values, const ct_tensor *leaf, ct_pull_back _Nonnull pull_back, void *context,
    void (*_Nonnull release)(void *_Nonnull context), ct_tensor_out out);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
