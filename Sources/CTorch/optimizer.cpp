#include "ctorch_optimizer.h"
#include "support.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>

CTStatus ct_adam_step(
    ct_tensor_list parameters, ct_tensor_list gradients, ct_tensor_list first_moments, ct_tensor_list second_moments,
    ct_tensor_list steps, size_t count, const ct_adam_settings *settings) {
    return guarded([&] {
        at::NoGradGuard without_grad;
        auto counters = list(steps, count);
        for (auto &counter : counters) counter.add_(1);
        // The two operators take the same arguments; only the place of the decay differs.
        auto step = settings->decoupled ? static_cast<decltype(&at::_ops::_fused_adamw_::call)>(at::_ops::_fused_adamw_::call)
                                        : at::_ops::_fused_adam_::call;
        step(
            list(parameters, count), list(gradients, count), list(first_moments, count), list(second_moments, count), {},
            counters, settings->learning_rate, settings->beta1, settings->beta2, settings->weight_decay,
            settings->epsilon, /*amsgrad=*/false, /*maximize=*/false, std::nullopt, std::nullopt);
    });
}
