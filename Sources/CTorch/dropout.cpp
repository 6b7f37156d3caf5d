#include "dropout.hpp"
#include "instances.hpp"

#include <ATen/ops/add.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bitwise_and.h>
#include <ATen/ops/bitwise_right_shift.h>
#include <ATen/ops/bitwise_xor.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/mul.h>

static thread_local bool plain_operators = false;

bool ct_set_plain_operators(bool plain) {
    const bool previous = plain_operators;
    plain_operators = plain;
    return previous;
}

bool runs_own_loops(const at::Tensor &instances) { return instances.is_cpu() && !plain_operators; }

/// Elements whose draws are made at once: a multiple of the four of a draw.
static constexpr size_t block = 1024;

CT_VECTORISED static void fill_factors(const Dropout &dropout, size_t count, uint16_t *room, float *factors) {
    for (size_t first = 0; first < count; first += block) {
        const size_t width = count - first < block ? count - first : block;
        const uint16_t *lanes = dropout.lanes(first, width, room);
        for (size_t d = 0; d < width; ++d) factors[first + d] = lanes[d] < dropout.threshold ? 0.0f : dropout.scale;
    }
}

/// The same in LibTorch's operators, on the device: a draw is a number of 64 bits whose sign means nothing.
static at::Tensor composed_factors(const at::Tensor &like, const Dropout &dropout) {
    const auto number = [](uint64_t bits) { return at::Scalar(static_cast<int64_t>(bits)); };
    // LibTorch's shift repeats the sign.
    const auto folded = [&](const at::Tensor &z, int bits) {
        const auto upper = at::bitwise_right_shift(z, at::Scalar(bits));
        return at::bitwise_xor(z, at::bitwise_and(upper, number(~uint64_t{0} >> bits)));
    };
    const int64_t count = like.numel();
    auto z = at::arange(1, (count + 3) / 4 + 1, at::TensorOptions(at::kLong).device(like.device()));
    z = at::add(at::mul(z, number(0x9E3779B97F4A7C15u)), number(dropout.key));
    z = at::mul(folded(z, 30), number(0xBF58476D1CE4E5B9u));
    z = at::mul(folded(z, 27), number(0x94D049BB133111EBu));
    z = folded(z, 31);
    const auto lanes = at::bitwise_and(z.view(at::kShort).narrow(0, 0, count).to(at::kInt), at::Scalar(0xffff));
    const auto stays = at::ge(lanes, at::Scalar(static_cast<int64_t>(dropout.threshold)));
    return at::mul(stays.to(at::kFloat), at::Scalar(dropout.scale)).to(like.scalar_type()).view(like.sizes());
}

at::Tensor dropout_factors(const at::Tensor &like, const Dropout &dropout) {
    if (!runs_own_loops(like)) return composed_factors(like, dropout);
    auto factors = at::empty(like.sizes(), at::TensorOptions(at::kFloat));
    std::vector<uint16_t> room(Dropout::lane_count(block));
    fill_factors(dropout, static_cast<size_t>(factors.numel()), room.data(), factors.mutable_data_ptr<float>());
    return factors.to(like.scalar_type());
}

CTStatus ct_dropout(const ct_tensor *tensor, const ct_dropout_settings *settings, ct_tensor_out out) {
    return yields(out, [&] {
        const Dropout dropout(*settings);
        const at::Tensor &x = tensor->value;
        return dropout.is_on() ? at::mul(x, dropout_factors(x, dropout)) : x;
    });
}
