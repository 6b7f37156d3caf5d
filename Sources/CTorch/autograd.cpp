#include "ctorch_autograd.h"
#include "support.hpp"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

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

namespace {

/// What is kept for one pass back.
struct History : torch::CustomClassHolder {
    ct_pull_back pull_back;
    void *context;
    void (*release)(void *);

    History(ct_pull_back pull_back, void *context, void (*release)(void *))
        : pull_back(pull_back), context(context), release(release) {}
    ~History() override { release(context); }
};

/// Values that are no operand.
struct Values {
    const at::Tensor &tensor;
};

constexpr const char *history_key = "history";

struct WithHistory : torch::autograd::Function<WithHistory> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &, const Values &values,
        const c10::intrusive_ptr<torch::CustomClassHolder> &history) {
        context->saved_data[history_key] = c10::IValue::make_capsule(history);
        return values.tensor.detach().clone();
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const auto found = context->saved_data.find(history_key);
        TORCH_CHECK(found != context->saved_data.end(), "a history of the caller's own is used up by one pass back");
        const auto held = found->second.toCapsule();
        context->saved_data.erase(found);
        const auto &history = static_cast<const History &>(*held);
        TORCH_CHECK(
            history.pull_back(history.context, new ct_tensor{gradients[0]}) == CTStatusOK, ct_last_error());
        return variable_list(3);
    }
};

}  // namespace

CTStatus ct_with_history(
    const ct_tensor *values, const ct_tensor *leaf, ct_pull_back pull_back, void *context, void (*release)(void *),
    ct_tensor_out out) {
    return yields(out, [&] {
        c10::intrusive_ptr<torch::CustomClassHolder> history =
            c10::make_intrusive<History>(pull_back, context, release);
        return WithHistory::apply(leaf->value, Values{values->value}, history);
    });
}
