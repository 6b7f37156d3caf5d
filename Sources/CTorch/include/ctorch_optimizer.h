#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_adam_settings {
    double learning_rate, beta1, beta2, epsilon, weight_decay;
    /// Decay of the weight itself (AdamW) instead of an L2 term in the gradient (Adam).
    bool decoupled;
} ct_adam_settings;

/// One step of Adam: changes the parameter and its moments in place. `step` counts from 1.
CTStatus ct_adam_step(
    ct_tensor *parameter, const ct_tensor *gradient, ct_tensor *first_moment, ct_tensor *second_moment, int64_t step,
    const ct_adam_settings *settings);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
