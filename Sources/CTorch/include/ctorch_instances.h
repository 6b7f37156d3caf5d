#pragma once

#include "ctorch_activation.h"
#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// What a bag's instances [N, D] go through, with hand-written gradients: on the CPU every function is one or two matrix
// products and one pass over the rows; elsewhere the same formula in LibTorch's own operators, with LibTorch's gradients.
//
// Instances are of fp32 or bf16. Parameters are of fp32 and are cast to the instances' type for matrix products, which
// add up in fp32. Logits, attention and what is pooled are fp32, and so are the parameters' gradients.

/// Whether this thread's next calls use LibTorch's own operators on the CPU too, as they do elsewhere; returns what it was. What
/// was computed before keeps the gradients it has.
bool ct_set_plain_operators(bool plain);

/// Elements set to 0, and the scale of the others that keeps the mean. Element e (row-major) has the e % 4th 16 bits of
/// SplitMix64's draw e / 4 + 1 under `key`, and goes where those are below share · 65536. A share of 0 drops nothing.
typedef struct ct_dropout_settings {
    double share;
    uint64_t key;
} ct_dropout_settings;

/// Gradients keep the choice: they are 0 where the element went.
CTStatus ct_dropout(const ct_tensor *tensor, const ct_dropout_settings *dropout, ct_tensor_out out);

/// dropout(activation(x · weightᵀ + bias)): x [N, in], weight [out, in], bias [out] → [N, out], of x's type.
CTStatus ct_dense(
    const ct_tensor *input, const ct_tensor *weight, const ct_tensor *_Nullable bias, CTActivation activation,
    const ct_dropout_settings *dropout, ct_tensor_out out);

/// The layers of attention logits; each gate may be absent as a whole, and each bias.
typedef struct ct_attention_layers {
    /// [hidden, D], [hidden]
    const ct_tensor *weight;
    const ct_tensor *_Nullable bias;
    /// The sigmoid gate, shaped likewise.
    const ct_tensor *_Nullable gate_weight;
    const ct_tensor *_Nullable gate_bias;
    /// [K, hidden], [K]
    const ct_tensor *branch_weight;
    const ct_tensor *_Nullable branch_bias;
} ct_attention_layers;

/// branch · (activation(weight · x) ⊙ sigmoid(gate · x)): x [N, D] → [K, N] of fp32.
CTStatus ct_attention_logits(
    const ct_tensor *instances, const ct_attention_layers *layers, CTActivation activation, ct_tensor_out out);

/// rows [K, D] · xᵀ + bias [K]: x [N, D] → [K, N] of fp32. For a few rows.
CTStatus ct_instance_scores(
    const ct_tensor *instances, const ct_tensor *rows, const ct_tensor *_Nullable bias, ct_tensor_out out);

/// softmax_N(logits) · x: logits [K, N] of fp32, x [N, D] → [K, D] of fp32. For a few rows.
CTStatus ct_attention_pool(const ct_tensor *instances, const ct_tensor *logits, ct_tensor_out out);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
