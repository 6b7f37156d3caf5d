#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// One step of Adam over a list of parameters; every list has `count` members in the same order.

typedef struct ct_adam_settings {
    double learning_rate, beta1, beta2, epsilon, weight_decay;
    /// Decay of the weight itself (AdamW) instead of an L2 term in the gradient (Adam).
    bool decoupled;
} ct_adam_settings;

/// Counts up `steps` (fp32 scalars), then changes parameters and moments in place.
CTStatus ct_adam_step(
    ct_tensor_list parameters, ct_tensor_list gradients, ct_tensor_list first_moments, ct_tensor_list second_moments,
    ct_tensor_list steps, size_t count, const ct_adam_settings *settings);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
