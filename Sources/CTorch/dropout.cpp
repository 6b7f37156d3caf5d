#include "dropout.hpp"
#include "support.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/mul.h>

/// Elements whose draws are made at once: a multiple of the four of a draw.
static constexpr size_t block = 1024;

CT_VECTORISED static void fill_factors(const Dropout &dropout, size_t count, uint16_t *room, float *factors) {
        for (size_t first = 0; first < count; first += block) {
        const size_t width = count - first < block ? count - first : block;
        const uint16_t *lanes = dropout.lanes(first, width, room);
        for (size_t d = 0; d < width; ++d) factors[first + d] = lanes[d] < dropout.threshold ? 0.0f : dropout.scale;
    }
}

at::Tensor dropout_factors(const at::Tensor &like, const Dropout &dropout) {
    auto factors = at::empty(like.sizes(), at::TensorOptions(at::kFloat));
    std::vector<uint16_t> room(Dropout::lane_count(block));
    fill_factors(dropout, static_cast<size_t>(factors.numel()), room.data(), factors.mutable_data_ptr<float>());
    return factors.to(like.device(), like.scalar_type());
}

CTStatus ct_dropout(const ct_tensor *tensor, const ct_dropout_settings *settings, ct_tensor_out out) {
    return yields(out, [&] {
        const Dropout dropout(*settings);
        const at::Tensor &x = tensor->value;
        return dropout.is_on() ? at::mul(x, dropout_factors(x, dropout)) : x;
    });
}
