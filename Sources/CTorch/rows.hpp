#pragma once

// Arithmetic of the loops over rows: plain functions of one number that the compiler turns into vectors.

#include <bit>
#include <c10/util/BFloat16.h>
#include <cstddef>
#include <cstdint>
#include <vector>

#if defined(__x86_64__)
/// A function with loops that is compiled for AVX-512, for AVX2 and for any x86-64; the processor picks at the start.
#define CT_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CT_VECTORISED
#endif
#define CT_INLINE inline __attribute__((always_inline))

/// bf16 as its bits: the upper half of an fp32.
using bits16 = uint16_t;

CT_INLINE float widened(bits16 value) { return std::bit_cast<float>(static_cast<uint32_t>(value) << 16); }

/// Rounds to nearest, ties to even; NaN stays one.
CT_INLINE bits16 narrowed(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    return static_cast<bits16>(value != value ? 0x7fc0u : rounded);
}

/// A row as fp32: itself, or widened into `room`.
CT_INLINE const float *row_of(const float *row, float *, size_t) { return row; }
CT_INLINE const float *row_of(const bits16 *row, float *room, size_t width) {
    for (size_t d = 0; d < width; ++d) room[d] = widened(row[d]);
    return room;
}

/// A row as fp32 to change: itself, or `room` until it is `put` back.
CT_INLINE float *opened(float *row, float *, size_t) { return row; }
CT_INLINE float *opened(bits16 *row, float *room, size_t width) {
    for (size_t d = 0; d < width; ++d) room[d] = widened(row[d]);
    return room;
}

/// Where a new row is made as fp32: in place, or in `room` until it is `put`.
CT_INLINE float *blank(float *row, float *) { return row; }
CT_INLINE float *blank(bits16 *, float *room) { return room; }
CT_INLINE void put(float *, const float *, size_t) {}
CT_INLINE void put(bits16 *row, const float *room, size_t width) {
    for (size_t d = 0; d < width; ++d) row[d] = narrowed(room[d]);
}

/// e^x less what a power of two contributes: e^x = 2^n · (1 + m) with |x − n ln 2| ≤ ln 2 / 2 and m by Taylor's series
/// to the seventh power, whose rest is 5e-9. Relative error 1e-7; x is held to [−87, 88].
CT_INLINE float exp_parts(float x, float &power) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    // Adding 1.5 · 2^23 leaves the nearest whole number in the lowest bits.
    const float shifted = x * 1.44269504f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    // ln 2 in two parts, the first of few bits: n times it is exact.
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    power = std::bit_cast<float>((std::bit_cast<uint32_t>(shifted) << 23) + (127u << 23));
    float m = 1.0f / 5040;
    m = m * r + 1.0f / 720;
    m = m * r + 1.0f / 120;
    m = m * r + 1.0f / 24;
    m = m * r + 1.0f / 6;
    m = m * r + 0.5f;
    m = m * r + 1.0f;
    return m * r;
}

CT_INLINE float exp_of(float x) {
    float power;
    const float m = exp_parts(x, power);
    return power * m + power;
}

CT_INLINE float sigmoid_of(float x) { return 1.0f / (1.0f + exp_of(-x)); }

/// (e^2x − 1) / (e^2x + 1), with e^2x − 1 free of cancellation.
CT_INLINE float tanh_of(float x) {
    const float held = x < -10.0f ? -10.0f : (x > 10.0f ? 10.0f : x);
    float power;
    const float m = exp_parts(2.0f * held, power);
    const float less_one = power * m + (power - 1.0f);
    return less_one / (less_one + 2.0f);
}

/// The normal distribution's Φ(x), and its density. The tail is e^(−x²/2) times a polynomial in 1 / (1 + 0.3 |x|), fitted
/// to relative error 6e-8 over |x| ≤ 14.
CT_INLINE float normal_of(float x, float &density) {
    const float z = x < 0 ? -x : x;
    const float t = 1.0f / (1.0f + 0.3f * z);
    float tail = 0.0383784026f;
    tail = tail * t - 0.169166639f;
    tail = tail * t + 0.228661090f;
    tail = tail * t - 0.0765075535f;
    tail = tail * t + 0.142536208f;
    tail = tail * t + 0.0946832597f;
    tail = tail * t + 0.121920399f;
    tail = tail * t + 0.119487680f;
    tail = tail * t + 7.16925342e-6f;
    const float bell = exp_of(-0.5f * x * x);
    density = 0.398942280f * bell;
    return x < 0 ? bell * tail : 1.0f - bell * tail;
}

/// Σ a·b in 64 sums that run side by side.
CT_INLINE float dot(const float *a, const float *b, size_t width) {
    float sums[64] = {};
    size_t d = 0;
    for (; d + 64 <= width; d += 64)
        for (size_t lane = 0; lane < 64; ++lane) sums[lane] += a[d + lane] * b[d + lane];
    float total = 0;
    for (; d < width; ++d) total += a[d] * b[d];
    for (size_t half = 32; half > 0; half /= 2)
        for (size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
    return total + sums[0];
}
