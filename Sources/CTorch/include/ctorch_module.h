#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// TorchScript. Loading runs the file's own code: load only what is trusted.

/// From a file's bytes, needed during the call only. The module is put into evaluation mode and frozen. With `in_bf16` it
/// computes by PyTorch's autocast: operators that this lists for the device compute in bf16.
CTStatus ct_module_load(const void *bytes, size_t byte_count, int32_t device, bool in_bf16, ct_module_out out);
/// Whether `forward` neither reads nor changes the module: freezing turned all that it uses into constants.
CTStatus ct_module_is_constant(const ct_module *module, bool *out);
/// Calls `forward` without recording gradients; safe from several threads where the module is constant.
CTStatus ct_module_forward(const ct_module *module, const ct_tensor *input, ct_tensor_out out);
void ct_module_free(ct_module *_Nullable module);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
