#pragma once

// A C ABI over the part of LibTorch that the program uses.
//
// Handles. Opaque structs. A handle written through `out` belongs to the caller, who frees it once with the matching
// *_free (NULL is allowed). Handles passed in are borrowed for the call.
// Errors. A function that can fail returns CTStatus. On CTStatusFailed nothing was written to `out`, and
// ct_last_error() holds the reason, for this thread, until its next failure. No C++ exception leaves this library.
// Threads. A handle may move between threads; only a ct_module may be used by two at once. Grad mode is per thread.
// Randomness. There is none but what follows from a key that the caller gives (ctorch_instances.h).
// Devices. CT_CPU, CT_META for shapes without numbers, or the index (0, 1, …) of a CUDA device.
// Lists. A pointer and a count.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CT_CPU (-1)
#define CT_META (-2)

#if defined(__clang__)
#define CT_CLOSED_ENUM __attribute__((enum_extensibility(closed)))
#pragma clang assume_nonnull begin
#else
#define CT_CLOSED_ENUM
#define _Nullable
#define _Nonnull
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_tensor ct_tensor;
typedef struct ct_module ct_module;
typedef ct_tensor *_Nullable *_Nonnull ct_tensor_out;
typedef ct_module *_Nullable *_Nonnull ct_module_out;
typedef const ct_tensor *_Nonnull const *_Nonnull ct_tensor_list;

typedef enum CT_CLOSED_ENUM CTStatus { CTStatusOK = 0, CTStatusFailed = 1 } CTStatus;

/// The numbers are those of c10::ScalarType; a tensor of another type reads as CTDTypeOther.
typedef enum CT_CLOSED_ENUM CTDType {
    CTDTypeUint8 = 0,
    CTDTypeInt64 = 4,
    CTDTypeFloat16 = 5,
    CTDTypeFloat32 = 6,
    CTDTypeBool = 11,
    CTDTypeBfloat16 = 15,
    CTDTypeOther = 127
} CTDType;

/// Why this thread's last failing call failed; valid until its next failure.
const char *ct_last_error(void);

/// Leaves a reason there for a call back that fails; returns CTStatusFailed.
CTStatus ct_fail(const char *reason);

/// Of the headers, such as "2.13.0".
const char *ct_version(void);

/// Of the loaded library: major, minor and patch version in the three highest bytes.
uint64_t ct_loaded_version(void);

/// The path that libtorch_cpu.so was loaded from; empty where the loader does not tell.
const char *ct_library(void);

/// Whether CUDA's half is loaded, with or without a driver and devices.
bool ct_is_built_with_cuda(void);

CTStatus ct_set_threads(int32_t intra_op);

/// Fails when called twice or after parallel work has begun.
CTStatus ct_set_interop_threads(int32_t count);

CTStatus ct_cuda_is_available(bool *out);

/// 0 without CUDA.
CTStatus ct_cuda_devices(int32_t *out);

/// The instructions that LibTorch's kernels use on this processor, such as "AVX2"; ended by a zero. Fails where `size` is too small.
CTStatus ct_cpu_capability(char *text, size_t size);

CTStatus ct_has_onednn(bool *out);

/// Sends fp32 matrix products on the CPU through oneDNN where they stay true fp32 there: on x86-64 without AMX.
/// `out` tells whether it did; CUDA is not touched.
CTStatus ct_prefer_onednn(bool *out);

/// Asks Linux for pages of 2 MB under large tensors, where it permits them (`madvise`); to be called before the first.
CTStatus ct_prefer_large_pages(void);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
