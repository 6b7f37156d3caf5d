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

/// One step of Adam of one parameter or more, all of which make their `step`-th, from 1: changes them and their moments in place.
CTStatus ct_adam_step(
    ct_tensor_list parameters, ct_tensor_list gradients, ct_tensor_list first_moments, ct_tensor_list second_moments,
    size_t count, int64_t step, const ct_adam_settings *settings);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
