#include "ctorch_instances.h"
#include "instances.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/tanh.h>
#include <torch/csrc/autograd/custom_function.h>

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

/// Sizes of the attention's layers: rows of `gates` hold `hidden` activations and, with a gate, as many sigmoids.
struct Layout {
    size_t count, hidden, branches;
    bool is_gated, is_relu;

    size_t width() const { return is_gated ? 2 * hidden : hidden; }
};

/// The layers' products with an instance → what comes after their activations, and the logits.
template <typename Stored>
CT_INLINE void gate_rows(
    Stored *gates, const float *__restrict bias, const float *branches, const float *branch_bias, float *logits,
    Layout layout, float *room) {
    const size_t hidden = layout.hidden, width = layout.width();
    float *__restrict product = room + width;
    for (size_t n = 0; n < layout.count; ++n) {
        float *__restrict row = opened(gates + n * width, room, width);
        for (size_t j = 0; j < width; ++j) row[j] += bias[j];
        if (layout.is_relu)
            for (size_t j = 0; j < hidden; ++j) row[j] = row[j] < 0 ? 0 : row[j];
        else
            for (size_t j = 0; j < hidden; ++j) row[j] = tanh_of(row[j]);
        for (size_t j = hidden; j < width; ++j) row[j] = sigmoid_of(row[j]);
        for (size_t j = 0; j < hidden; ++j) product[j] = layout.is_gated ? row[j] * row[hidden + j] : row[j];
        for (size_t k = 0; k < layout.branches; ++k)
            logits[k * layout.count + n] = dot(branches + k * hidden, product, hidden) + branch_bias[k];
        put(gates + n * width, row, width);
    }
}

CT_VECTORISED void gate(
    float *gates, const float *bias, const float *branches, const float *branch_bias, float *logits, Layout layout,
    float *room) {
    gate_rows(gates, bias, branches, branch_bias, logits, layout, room);
}

CT_VECTORISED void gate(
    bits16 *gates, const float *bias, const float *branches, const float *branch_bias, float *logits, Layout layout,
    float *room) {
    gate_rows(gates, bias, branches, branch_bias, logits, layout, room);
}

/// Gradients of logits [K, N] → those of the layers' products, in place of `gates`; `sums` gets the biases' `width`
/// gradients and then the branches' K · hidden.
template <typename Stored>
CT_INLINE void pull_back_rows(
    Stored *gates, const float *branches, const float *gradient, RowSums &sums, Layout layout, float *room) {
    const size_t hidden = layout.hidden, width = layout.width();
    float *__restrict weight = room + width;
    float *__restrict product = weight + hidden;
    for (size_t n = 0; n < layout.count; ++n) {
        float *row = opened(gates + n * width, room, width);
        float *__restrict bias_sum = sums.current.data();
        for (size_t j = 0; j < hidden; ++j) {
            weight[j] = 0;
            product[j] = layout.is_gated ? row[j] * row[hidden + j] : row[j];
        }
        for (size_t k = 0; k < layout.branches; ++k) {
            const float g = gradient[k * layout.count + n];
            const float *__restrict branch = branches + k * hidden;
            float *__restrict branch_sum = bias_sum + width + k * hidden;
            for (size_t j = 0; j < hidden; ++j) {
                weight[j] += g * branch[j];
                branch_sum[j] += g * product[j];
            }
        }
        if (layout.is_gated) {
            for (size_t j = 0; j < hidden; ++j) {
                const float share = row[hidden + j];
                row[hidden + j] = weight[j] * product[j] * (1 - share);
                weight[j] *= share;
            }
        }
        if (layout.is_relu)
            for (size_t j = 0; j < hidden; ++j) row[j] = row[j] > 0 ? weight[j] : 0;
        else
            for (size_t j = 0; j < hidden; ++j) row[j] = weight[j] * (1 - row[j] * row[j]);
        for (size_t j = 0; j < width; ++j) bias_sum[j] += row[j];
        put(gates + n * width, row, width);
        sums.finish_row(n, n + 1 == layout.count);
    }
}

CT_VECTORISED void pull_back(
    float *gates, const float *branches, const float *gradient, RowSums &sums, Layout layout, float *room) {
    pull_back_rows(gates, branches, gradient, sums, layout, room);
}

CT_VECTORISED void pull_back(
    bits16 *gates, const float *branches, const float *gradient, RowSums &sums, Layout layout, float *room) {
    pull_back_rows(gates, branches, gradient, sums, layout, room);
}

/// The layers' tensors; those that are absent are empty.
struct Layers {
    at::Tensor weight, bias, gate_weight, gate_bias, branch_weight, branch_bias;

    /// Whether each layer fits the first, whose rows are its own.
    bool fit() const {
        const auto fits = [](const at::Tensor &tensor, at::IntArrayRef shape) {
            return !is_given(tensor) || tensor.sizes() == shape;
        };
        return weight.dim() == 2 && fits(bias, weight.size(0)) && fits(gate_weight, weight.sizes())
            && fits(gate_bias, weight.size(0)) && branch_weight.dim() == 2 && branch_weight.size(1) == weight.size(0)
            && fits(branch_bias, branch_weight.size(0));
    }

    Layout layout(int64_t count, CTActivation activation) const {
        return {
            static_cast<size_t>(count), static_cast<size_t>(weight.size(0)), static_cast<size_t>(branch_weight.size(0)),
            is_given(gate_weight), activation == CTActivationRelu};
    }

    /// [width, D], of the instances' type.
    at::Tensor joined_weight(at::ScalarType type) const {
        const auto joined = is_given(gate_weight) ? at::cat({weight, gate_weight}) : weight;
        return joined.detach().to(type).contiguous();
    }

    /// One per column of the layers, 0 where a bias is absent.
    std::vector<float> joined_bias(const Layout &layout) const {
        std::vector<float> joined(layout.width());
        const auto copy = [&](const at::Tensor &from, size_t place) {
            const auto values = values_of(from);
            std::copy_n(floats(values), values.numel(), joined.begin() + place);
        };
        copy(bias, 0);
        if (layout.is_gated) copy(gate_bias, layout.hidden);
        return joined;
    }
};

/// Logits on the CPU; `gates` is what the gradient needs.
at::Tensor attention(
    const at::Tensor &instances, const Layers &layers, const at::Tensor &weight, CTActivation activation,
    at::Tensor &gates) {
    gates = at::mm(instances, weight.t());
    const auto layout = layers.layout(instances.size(0), activation);
    const auto branches = values_of(layers.branch_weight);
    const auto bias = layers.joined_bias(layout);
    std::vector<float> branch_bias(layout.branches);
    const auto values = values_of(layers.branch_bias);
    std::copy_n(floats(values), values.numel(), branch_bias.begin());
    auto logits = at::empty({branches.size(0), instances.size(0)}, branches.options());
    std::vector<float> room(2 * layout.width());
    with_elements(gates.scalar_type(), [&](auto element) {
        gate(
            elements<decltype(element)>(gates), bias.data(), floats(branches), branch_bias.data(),
            elements<float>(logits), layout, room.data());
    });
    return logits;
}

struct Attention : torch::autograd::Function<Attention> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &instances, const at::Tensor &weight, const at::Tensor &bias,
        const at::Tensor &gate_weight, const at::Tensor &gate_bias, const at::Tensor &branch_weight,
        const at::Tensor &branch_bias, CTActivation activation) {
        const Layers layers{weight, bias, gate_weight, gate_bias, branch_weight, branch_bias};
        const auto rows = instances.contiguous();
        const auto joined = layers.joined_weight(rows.scalar_type());
        at::Tensor gates;
        auto logits = attention(rows, layers, joined, activation, gates);
        context->save_for_backward({rows, joined, gates, branch_weight});
        context->saved_data["is_relu"] = activation == CTActivationRelu;
        context->saved_data["is_gated"] = is_given(gate_weight);
        return logits;
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const auto &rows = saved[0], &joined = saved[1], &gates = saved[2], &branch_weight = saved[3];
        const auto gradient = gradients[0].contiguous();
        const auto branches = values_of(branch_weight);
        const Layout layout{
            static_cast<size_t>(rows.size(0)), static_cast<size_t>(branches.size(1)),
            static_cast<size_t>(branches.size(0)), context->saved_data["is_gated"].toBool(),
            context->saved_data["is_relu"].toBool()};
        const size_t width = layout.width();
        // Nothing else has seen this memory, and history is used up by one pass back: it may be written over.
        const at::Tensor &pulled = gates;
        RowSums sums(width + layout.branches * layout.hidden);
        std::vector<float> room(width + 2 * layout.hidden);
        with_elements(gates.scalar_type(), [&](auto element) {
            using Stored = decltype(element);
            pull_back(
                elements<Stored>(pulled), floats(branches), floats(gradient), sums,
                layout, room.data());
        });
        const auto hidden = branches.size(1);
        variable_list results(8);
        if (context->needs_input_grad(0)) results[0] = at::mm(pulled, joined);
        const auto weights = at::mm(pulled.t(), rows).to(at::kFloat);
        results[1] = weights.narrow(0, 0, hidden);
        if (context->needs_input_grad(2)) results[2] = tensor_of(sums.totals.data(), {hidden});
        if (layout.is_gated) results[3] = weights.narrow(0, hidden, hidden);
        if (context->needs_input_grad(4)) results[4] = tensor_of(sums.totals.data() + hidden, {hidden});
        results[5] = tensor_of(sums.totals.data() + width, branches.sizes());
        if (context->needs_input_grad(6)) results[6] = at::sum(gradient, {1});
        return results;
    }
};

/// The same in LibTorch's operators.
at::Tensor composed(const at::Tensor &instances, const Layers &layers, CTActivation activation) {
    const auto linear = [&](const at::Tensor &weight, const at::Tensor &bias) {
        const auto type = instances.scalar_type();
        return at::linear(instances, weight.to(type), cast_if_given(bias, type)).to(at::kFloat);
    };
    auto hidden = linear(layers.weight, layers.bias);
    hidden = activation == CTActivationRelu ? at::relu(hidden) : at::tanh(hidden);
    if (is_given(layers.gate_weight))
        hidden = at::mul(hidden, at::sigmoid(linear(layers.gate_weight, layers.gate_bias)));
    return at::linear(hidden, layers.branch_weight, cast_if_given(layers.branch_bias, at::kFloat)).t();
}

}  // namespace

CTStatus ct_attention_logits(
    const ct_tensor *instances, const ct_attention_layers *given_layers, CTActivation activation, ct_tensor_out out) {
    return yields(out, [&] {
        TORCH_CHECK(
            activation == CTActivationTanh || activation == CTActivationRelu,
            "attention has tanh or ReLU before its branches");
        const at::Tensor &x = instances->value;
        const Layers layers{
            given_layers->weight->value,        operand(given_layers->bias),      operand(given_layers->gate_weight),
            operand(given_layers->gate_bias),     given_layers->branch_weight->value,
            operand(given_layers->branch_bias)};
        TORCH_CHECK(layers.fit(), "the shapes of the attention's layers do not fit each other");
        if (!runs_own_loops(x)) return composed(x, layers, activation);
        const auto &[weight, bias, gate_weight, gate_bias, branch_weight, branch_bias] = layers;
        if (is_recording({&x, &weight, &branch_weight}))
            return Attention::apply(
                x, weight, bias, gate_weight, gate_bias, branch_weight, branch_bias, activation);
        at::Tensor gates;
        return attention(x.contiguous(), layers, layers.joined_weight(x.scalar_type()), activation, gates);
    });
}
