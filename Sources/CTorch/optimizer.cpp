#include "ctorch_optimizer.h"
#include "support.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <cmath>

// Plain operators, in the order of torch.optim.Adam on the CPU: the same bits. There they run one tensor after the other; on a GPU one
// kernel takes many tensors, where one for each would cost more than the rest of a training step. aten::_fused_adamw_ starts every
// thread of the team even for a bias of two numbers, which on busy cores costs more than that too.
CTStatus ct_adam_step(
    ct_tensor_list parameters, ct_tensor_list gradients, ct_tensor_list first_moments, ct_tensor_list second_moments,
    size_t count, int64_t step, const ct_adam_settings *settings) {
    return guarded([&] {
        at::NoGradGuard without_grad;
        using at::Scalar;
        const auto &[rate, beta1, beta2, epsilon, decay, decoupled] = *settings;
        const auto values = list(parameters, count), first = list(first_moments, count);
        const auto second = list(second_moments, count);
        auto grads = list(gradients, count);
        if (decay != 0) {
            if (decoupled) at::_foreach_mul_(values, Scalar(1 - rate * decay));
            else grads = at::_foreach_add(grads, values, Scalar(decay));
        }
        at::_foreach_lerp_(first, grads, Scalar(1 - beta1));
        at::_foreach_mul_(second, Scalar(beta2));
        at::_foreach_addcmul_(second, grads, grads, Scalar(1 - beta2));
        const double correction1 = 1 - std::pow(beta1, static_cast<double>(step));
        const double correction2 = 1 - std::pow(beta2, static_cast<double>(step));
        const auto scales = at::_foreach_sqrt(second);
        at::_foreach_div_(scales, Scalar(std::sqrt(correction2)));
        at::_foreach_add_(scales, Scalar(epsilon));
        at::_foreach_addcdiv_(values, first, scales, Scalar(-rate / correction1));
    });
}
