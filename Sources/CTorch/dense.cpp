#include "dropout.hpp"
#include "instances.hpp"

#include <ATen/ops/empty_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <torch/csrc/autograd/custom_function.h>

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

struct Layout {
    size_t count, width;
};

/// x → activation(x + bias), then dropout. `slopes`, where wanted, gets d out / d x; a relu's can be seen from `rows`.
template <CTActivation activation, typename Stored>
CT_INLINE void activate_rows(
    Stored *rows, Stored *slopes, const float *__restrict bias, const Dropout &dropout, Layout layout, float *room,
    float *slope_room, uint16_t *lane_room) {
    const auto [count, width] = layout;
    for (size_t n = 0; n < count; ++n) {
        float *__restrict y = opened(rows + n * width, room, width);
        float *__restrict slope = slopes ? blank(slopes + n * width, slope_room) : slope_room;
        if (bias)
            for (size_t d = 0; d < width; ++d) y[d] += bias[d];
        for (size_t d = 0; d < width; ++d) {
            const float x = y[d];
            if constexpr (activation == CTActivationRelu) y[d] = x < 0 ? 0 : x;
            if constexpr (activation == CTActivationTanh) {
                y[d] = tanh_of(x);
                slope[d] = 1 - y[d] * y[d];
            }
            if constexpr (activation == CTActivationGelu) {
                float density;
                const float share = normal_of(x, density);
                y[d] = x * share;
                slope[d] = share + x * density;
            }
            if constexpr (activation == CTActivationSigmoid) {
                y[d] = sigmoid_of(x);
                slope[d] = y[d] * (1 - y[d]);
            }
            if constexpr (activation == CTActivationNone) slope[d] = 1;
        }
        if (dropout.is_on()) {
            const uint16_t *lanes = dropout.lanes(n * width, width, lane_room);
            for (size_t d = 0; d < width; ++d) {
                const float factor = lanes[d] < dropout.threshold ? 0 : dropout.scale;
                y[d] *= factor;
                if constexpr (activation != CTActivationRelu) slope[d] *= factor;
            }
        }
        put(rows + n * width, y, width);
        if (slopes) put(slopes + n * width, slope, width);
    }
}

template <typename Stored>
CT_INLINE void activate_as(
    CTActivation activation, Stored *rows, Stored *slopes, const float *bias, const Dropout &dropout, Layout layout,
    float *room, float *slope_room, uint16_t *lane_room) {
    const auto run = [&]<CTActivation kind>() __attribute__((always_inline)) {
        activate_rows<kind>(rows, slopes, bias, dropout, layout, room, slope_room, lane_room);
    };
    switch (activation) {
    case CTActivationNone: return run.template operator()<CTActivationNone>();
    case CTActivationRelu: return run.template operator()<CTActivationRelu>();
    case CTActivationGelu: return run.template operator()<CTActivationGelu>();
    case CTActivationTanh: return run.template operator()<CTActivationTanh>();
    case CTActivationSigmoid: return run.template operator()<CTActivationSigmoid>();
    }
}

CT_VECTORISED void activate(
    CTActivation activation, float *rows, float *slopes, const float *bias, const Dropout &dropout, Layout layout,
    float *room, float *slope_room, uint16_t *lane_room) {
    activate_as(activation, rows, slopes, bias, dropout, layout, room, slope_room, lane_room);
}

CT_VECTORISED void activate(
    CTActivation activation, bits16 *rows, bits16 *slopes, const float *bias, const Dropout &dropout, Layout layout,
    float *room, float *slope_room, uint16_t *lane_room) {
    activate_as(activation, rows, slopes, bias, dropout, layout, room, slope_room, lane_room);
}

/// gradient → gradient ⊙ slope, in place, and its sums over rows. For a relu `slopes` is the output: the slope is `scale`
/// where that is above 0.
template <typename Stored>
CT_INLINE void pull_back_rows(
    Stored *gradient, const Stored *slopes, bool is_relu, float scale, RowSums &sums, Layout layout, float *room) {
    const auto [count, width] = layout;
    for (size_t n = 0; n < count; ++n) {
        float *__restrict g = opened(gradient + n * width, room, width);
        const float *__restrict s = row_of(slopes + n * width, room + width, width);
        float *__restrict sum = sums.current.data();
        if (is_relu)
            for (size_t d = 0; d < width; ++d) g[d] = s[d] > 0 ? g[d] * scale : 0;
        else
            for (size_t d = 0; d < width; ++d) g[d] *= s[d];
        for (size_t d = 0; d < width; ++d) sum[d] += g[d];
        put(gradient + n * width, g, width);
        sums.finish_row(n, n + 1 == count);
    }
}

CT_VECTORISED void pull_back(
    float *gradient, const float *slopes, bool is_relu, float scale, RowSums &sums, Layout layout, float *room) {
    pull_back_rows(gradient, slopes, is_relu, scale, sums, layout, room);
}

CT_VECTORISED void pull_back(
    bits16 *gradient, const bits16 *slopes, bool is_relu, float scale, RowSums &sums, Layout layout, float *room) {
    pull_back_rows(gradient, slopes, is_relu, scale, sums, layout, room);
}

/// The layer on the CPU; `slopes` is made where it is wanted.
at::Tensor dense(
    const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias, CTActivation activation,
    const Dropout &dropout, at::Tensor *_Nullable slopes) {
    auto output = at::mm(input, weight.t());
    const Layout layout{static_cast<size_t>(output.size(0)), static_cast<size_t>(output.size(1))};
    if (slopes) *slopes = at::empty_like(output);
    const auto shift = values_of(bias);
    std::vector<float> room(2 * layout.width);
    std::vector<uint16_t> lanes(Dropout::lane_count(layout.width));
    with_elements(output.scalar_type(), [&](auto element) {
        using Stored = decltype(element);
        activate(
            activation, elements<Stored>(output), slopes ? elements<Stored>(*slopes) : nullptr, elements<float>(shift),
            dropout, layout, room.data(), room.data() + layout.width, lanes.data());
    });
    return output;
}

struct Dense : torch::autograd::Function<Dense> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias,
        CTActivation activation, Dropout dropout) {
        const bool is_relu = activation == CTActivationRelu;
        const auto rows = input.contiguous();
        const auto cast = weight.to(rows.scalar_type());
        at::Tensor slopes;
        auto output = dense(rows, cast, bias, activation, dropout, is_relu ? nullptr : &slopes);
        context->save_for_backward({rows, cast, is_relu ? output : slopes});
        context->saved_data["is_relu"] = is_relu;
        context->saved_data["scale"] = static_cast<double>(dropout.scale);
        return output;
    }

    static variable_list backward(AutogradContext *context, variable_list &gradients) {
        const auto saved = context->get_saved_variables();
        const auto &rows = saved[0], &weight = saved[1], &slopes = saved[2];
        const auto pulled = writable(std::move(gradients[0]));
        const Layout layout{static_cast<size_t>(slopes.size(0)), static_cast<size_t>(slopes.size(1))};
        RowSums sums(layout.width);
        std::vector<float> room(2 * layout.width);
        with_elements(slopes.scalar_type(), [&](auto element) {
            using Stored = decltype(element);
            pull_back(
                elements<Stored>(pulled), elements<Stored>(slopes), context->saved_data["is_relu"].toBool(),
                static_cast<float>(context->saved_data["scale"].toDouble()), sums, layout, room.data());
        });
        variable_list results(5);
        if (context->needs_input_grad(0)) results[0] = at::mm(pulled, weight);
        if (context->needs_input_grad(1)) results[1] = at::mm(pulled.t(), rows).to(at::kFloat);
        if (context->needs_input_grad(2)) results[2] = tensor_of(sums.totals.data(), {slopes.size(1)});
        return results;
    }
};

/// The same in LibTorch's operators.
at::Tensor composed(
    const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias, CTActivation activation,
    const Dropout &dropout) {
    const auto type = input.scalar_type();
    auto output = at::linear(input, weight.to(type), cast_if_given(bias, type));
    switch (activation) {
    case CTActivationNone: break;
    case CTActivationRelu: output = at::relu(output); break;
    case CTActivationGelu: output = at::gelu(output); break;
    case CTActivationTanh: output = at::tanh(output); break;
    case CTActivationSigmoid: output = at::sigmoid(output); break;
    }
    return dropout.is_on() ? at::mul(output, dropout_factors(output, dropout)) : output;
}

}  // namespace

CTStatus ct_dense(
    const ct_tensor *input, const ct_tensor *weight, const ct_tensor *bias, CTActivation activation,
    const ct_dropout_settings *settings, ct_tensor_out out) {
    return yields(out, [&] {
        const Dropout dropout(*settings);
        const at::Tensor &x = input->value, &w = weight->value, shift = operand(bias);
        TORCH_CHECK(
            !is_given(shift) || shift.sizes() == w.sizes().slice(0, 1), "a bias of shape ", shift.sizes(),
            " does not fit a weight of ", w.sizes());
        if (!runs_own_loops(x)) return composed(x, w, shift, activation, dropout);
        if (is_recording({&x, &w, &shift})) return Dense::apply(x, w, shift, activation, dropout);
        return dense(x.contiguous(), w.to(x.scalar_type()), shift, activation, dropout, nullptr);
    });
}
