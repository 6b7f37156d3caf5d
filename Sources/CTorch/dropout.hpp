#pragma once

#include "rows.hpp"

#include "ctorch_instances.h"
#include <ATen/core/Tensor.h>
#include <cstring>

/// Which elements a dropout keeps (ctorch_instances.h has the rule).
struct Dropout {
    uint64_t key;
    /// Elements whose 16 bits are below it go.
    uint32_t threshold;
    /// Of the elements that stay.
    float scale;

    explicit Dropout(const ct_dropout_settings &settings)
        : key(settings.key), threshold(static_cast<uint32_t>(settings.share * 65536 + 0.5)),
          scale(threshold == 0 ? 1.0f : 65536.0f / static_cast<float>(65536 - threshold)) {
        TORCH_CHECK(settings.share >= 0 && threshold < 65536, "a share from 0 to below 1 is wanted for dropout");
    }

    bool is_on() const { return threshold > 0; }

    /// Elements that `lanes` covers with draws of its own, however a row begins.
    static size_t lane_count(size_t width) { return (width / 4 + 2) * 4; }

    /// The 16 bits of elements first, first + 1, … at the pointer returned, which is in `room` of `lane_count(width)`.
    CT_INLINE const uint16_t *lanes(uint64_t first, size_t width, uint16_t *room) const {
        const uint64_t draw = first / 4;
        const size_t draws = width / 4 + 2;
        for (size_t i = 0; i < draws; ++i) {
            uint64_t z = key + (draw + i + 1) * 0x9E3779B97F4A7C15u;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
            z ^= z >> 31;
            std::memcpy(room + 4 * i, &z, sizeof z);
        }
        return room + first % 4;
    }
};

/// 0 or the scale for every element of a tensor like this one: what it is multiplied with.
at::Tensor dropout_factors(const at::Tensor &like, const Dropout &dropout);
