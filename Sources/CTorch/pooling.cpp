#include "ctorch_instances.h"
#include "instances.hpp"

#include <ATen/ops/add.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/sum.h>

#include <torch/csrc/autograd/custom_function.h>

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

struct Layout {
    size_t count, width, rows;
};

/// weights [K, N] · x [N, D] → sums [K, D], four instances at a time.
template <typename Stored>
CT_INLINE void weigh_rows(const float *weights, const Stored *instances, RowSums &sums, Layout layout, float *room) {
    const auto [count, width, rows] = layout;
    static_assert(RowSums::block % 4 == 0);
    for (size_t n = 0; n < count; n += 4) {
        const size_t last = count - 1;
        const float *x[4];
        for (size_t i = 0; i < 4; ++i)
            x[i] = row_of(instances + (n + i < last ? n + i : last) * width, room + i * width, width);
        const float *__restrict x0 = x[0], *__restrict x1 = x[1], *__restrict x2 = x[2], *__restrict x3 = x[3];
        for (size_t k = 0; k < rows; ++k) {
            float a[4];
            for (size_t i = 0; i < 4; ++i) a[i] = n + i <= last ? weights[k * count + n + i] : 0;
            float *__restrict sum = sums.current.data() + k * width;
            for (size_t d = 0; d < width; ++d) sum[d] += (a[0] * x0[d] + a[1] * x1[d]) + (a[2] * x2[d] + a[3] * x3[d]);
        }
        sums.finish_row(n + 3, n + 4 >= count);
    }
}

/// rows [K, D] · xᵀ + bias → scores [K, N]
template <typename Stored>
CT_INLINE void score_rows(
    const Stored *instances, const float *rows, const float *bias, float *scores, Layout layout, float *room) {
    for (size_t n = 0; n < layout.count; ++n) {
        const float *x = row_of(instances + n * layout.width, room, layout.width);
        for (size_t k = 0; k < layout.rows; ++k)
            scores[k * layout.count + n] = dot(rows + k * layout.width, x, layout.width) + (bias ? bias[k] : 0);
    }
}

/// weightsᵀ [N, K] · rows [K, D] → x [N, D]
template <typename Stored>
CT_INLINE void spread_rows(const float *weights, const float *rows, Stored *instances, Layout layout, float *room) {
    const size_t count = layout.count, width = layout.width;
    for (size_t n = 0; n < count; ++n) {
        float *__restrict x = blank(instances + n * width, room);
        for (size_t d = 0; d < width; ++d) x[d] = 0;
        size_t k = 0;
        for (; k + 4 <= layout.rows; k += 4) {
            const float *__restrict r = rows + k * width;
            const float *a = weights + k * count + n;
            const float a0 = a[0], a1 = a[count], a2 = a[2 * count], a3 = a[3 * count];
            for (size_t d = 0; d < width; ++d)
                x[d] += (a0 * r[d] + a1 * r[width + d]) + (a2 * r[2 * width + d] + a3 * r[3 * width + d]);
        }
        for (; k < layout.rows; ++k) {
            const float *__restrict r = rows + k * width;
            const float a = weights[k * count + n];
            for (size_t d = 0; d < width; ++d) x[d] += a * r[d];
        }
        put(instances + n * width, x, width);
    }
}

CT_VECTORISED void weigh(const float *weights, const float *x, RowSums &sums, Layout layout, float *room) {
    weigh_rows(weights, x, sums, layout, room);
}
CT_VECTORISED void weigh(const float *weights, const bits16 *x, RowSums &sums, Layout layout, float *room) {
    weigh_rows(weights, x, sums, layout, room);
}
CT_VECTORISED void score(
    const float *x, const float *rows, const float *bias, float *scores, Layout layout, float *room) {
    score_rows(x, rows, bias, scores, layout, room);
}
CT_VECTORISED void score(
    const bits16 *x, const float *rows, const float *bias, float *scores, Layout layout, float *room) {
    score_rows(x, rows, bias, scores, layout, room);
}
CT_VECTORISED void spread(const float *weights, const float *rows, float *x, Layout layout, float *room) {
    spread_rows(weights, rows, x, layout, room);
}
CT_VECTORISED void spread(const float *weights, const float *rows, bits16 *x, Layout layout, float *room) {
    spread_rows(weights, rows, x, layout, room);
}

Layout layout_of(const at::Tensor &instances, int64_t rows) {
    return {
        static_cast<size_t>(instances.size(0)), static_cast<size_t>(instances.size(1)), static_cast<size_t>(rows)};
}

/// weights [K, N] · x → [K, D]
at::Tensor weighed(const at::Tensor &weights, const at::Tensor &instances) {
    const auto layout = layout_of(instances, weights.size(0));
    RowSums sums(layout.rows * layout.width);
    std::vector<float> room(4 * layout.width);
    const auto values = weights.contiguous();
    with_elements(instances.scalar_type(), [&](auto element) {
        weigh(floats(values), elements<decltype(element)>(instances), sums, layout, room.data());
    });
    return tensor_of(sums.totals.data(), {weights.size(0), instances.size(1)});
}

/// rows [K, D] · xᵀ + bias → [K, N]
at::Tensor scored(const at::Tensor &rows, const at::Tensor &bias, const at::Tensor &instances) {
    const auto layout = layout_of(instances, rows.size(0));
    const auto values = values_of(rows), shift = values_of(bias);
    auto scores = at::empty({rows.size(0), instances.size(0)}, values.options());
    std::vector<float> room(layout.width);
    with_elements(instances.scalar_type(), [&](auto element) {
        score(
            elements<decltype(element)>(instances), floats(values), elements<float>(shift),
            elements<float>(scores), layout, room.data());
    });
    return scores;
}

/// weightsᵀ · rows → as many instances as `like`, of its type.
at::Tensor spread_like(const at::Tensor &like, const at::Tensor &weights, const at::Tensor &rows) {
    const auto layout = layout_of(like, rows.size(0));
    const auto values = weights.contiguous(), summands = values_of(rows);
    auto instances = at::empty_like(like);
    std::vector<float> room(layout.width);
    with_elements(like.scalar_type(), [&](auto element) {
        spread(
            floats(values), floats(summands), elements<decltype(element)>(instances),
            layout, room.data());
    });
    return instances;
}

struct Scores : torch::autograd::Function<Scores> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &instances, const at::Tensor &rows, const at::Tensor &bias) {
        const auto x = instances.contiguous();
        context->save_for_backward({x, rows});
        return scored(rows, bias, x);
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const auto &instances = saved[0], &rows = saved[1], &gradient = gradients[0];
        variable_list results(3);
        if (context->needs_input_grad(0)) results[0] = spread_like(instances, gradient, rows);
        if (context->needs_input_grad(1)) results[1] = weighed(gradient, instances);
        if (context->needs_input_grad(2)) results[2] = at::sum(gradient, {1});
        return results;
    }
};

struct Pool : torch::autograd::Function<Pool> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &instances, const at::Tensor &logits) {
        const auto x = instances.contiguous();
        const auto attention = at::softmax(logits, 1);
        context->save_for_backward({x, attention});
        return weighed(attention, x);
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const auto &instances = saved[0], &attention = saved[1];
        const auto gradient = gradients[0].contiguous();
        variable_list results(2);
        if (context->needs_input_grad(0)) results[0] = spread_like(instances, attention, gradient);
        if (context->needs_input_grad(1)) {
            const auto pulled = scored(gradient, operand(nullptr), instances);
            const auto mean = at::sum(at::mul(attention, pulled), {1}, /*keepdim=*/true);
            results[1] = at::mul(attention, at::sub(pulled, mean));
        }
        return results;
    }
};

}  // namespace

CTStatus ct_instance_scores(
    const ct_tensor *instances, const ct_tensor *rows, const ct_tensor *bias, ct_tensor_out out) {
    return yields(out, [&] {
        const at::Tensor &x = instances->value, &weight = rows->value, shift = operand(bias);
        TORCH_CHECK(
            x.dim() == 2 && weight.dim() == 2 && x.size(1) == weight.size(1)
                && (!is_given(shift) || shift.sizes() == weight.sizes().slice(0, 1)),
            "rows of shape ", weight.sizes(), " do not fit instances of ", x.sizes(), " or their bias");
        if (!runs_own_loops(x)) {
            const auto scores = at::matmul(weight.to(at::kFloat), x.to(at::kFloat).t());
            return is_given(shift) ? at::add(scores, shift.unsqueeze(1)) : scores;
        }
        if (is_recording({&x, &weight, &shift})) return Scores::apply(x, weight, shift);
        return scored(weight, shift, x.contiguous());
    });
}

CTStatus ct_attention_pool(const ct_tensor *instances, const ct_tensor *logits, ct_tensor_out out) {
    return yields(out, [&] {
        const at::Tensor &x = instances->value, &scores = logits->value;
        TORCH_CHECK(
            x.dim() == 2 && scores.dim() == 2 && x.size(0) == scores.size(1) && scores.scalar_type() == at::kFloat,
            "logits of shape ", scores.sizes(), " do not fit instances of ", x.sizes());
        if (!runs_own_loops(x)) return at::matmul(at::softmax(scores, 1), x.to(at::kFloat));
        if (is_recording({&x, &scores})) return Pool::apply(x, scores);
        return weighed(at::softmax(scores, 1), x.contiguous());
    });
}
