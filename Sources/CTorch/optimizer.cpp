#include "ctorch_optimizer.h"
#include "support.hpp"

#include <ATen/core/grad_mode.h>
#include <cmath>

// Plain operators, in the order of torch.optim.Adam on the CPU: the same bits. aten::_fused_adamw_ starts every thread
// of the team even for a bias of two numbers, which on busy cores costs more than the rest of a training step.
CTStatus ct_adam_step(
    ct_tensor *parameter, const ct_tensor *gradient, ct_tensor *first_moment, ct_tensor *second_moment, int64_t step,
    const ct_adam_settings *settings) {
    return guarded([&] {
        at::NoGradGuard without_grad;
        const auto &[rate, beta1, beta2, epsilon, decay, decoupled] = *settings;
        at::Tensor grad = gradient->value;
        if (decay != 0) {
            if (decoupled) parameter->value.mul_(1 - rate * decay);
            else grad = grad.add(parameter->value, decay);
        }
        first_moment->value.lerp_(grad, 1 - beta1);
        second_moment->value.mul_(beta2).addcmul_(grad, grad, 1 - beta2);
        const double correction1 = 1 - std::pow(beta1, static_cast<double>(step));
        const double correction2 = 1 - std::pow(beta2, static_cast<double>(step));
        const at::Tensor scale = second_moment->value.sqrt().div_(std::sqrt(correction2)).add_(epsilon);
        parameter->value.addcdiv_(first_moment->value, scale, -rate / correction1);
    });
}
