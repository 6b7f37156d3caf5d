#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// GPUs, as NVIDIA's driver tells of them. It is opened by name while the program runs: none need be there, and LibTorch's
// headers without CUDA are enough. Texts end with a zero.

/// What the driver is.
typedef struct CTDriver {
    /// Whether its library was found, with all calls that are made here.
    bool is_found;
    /// Of the first call that failed (CUresult); 0 where none did.
    int32_t result;
    /// Why it was not found or what failed, such as "cuInit: CUDA_ERROR_NO_DEVICE (100)"; else empty.
    char fault[256];
    /// The newest CUDA that it knows, 12080 for 12.8; 0 where it does not say.
    int32_t cuda;
    /// Such as "570.86.15", of the management library; empty without that.
    char release[96];
    /// Devices that it shows this process, after CUDA_VISIBLE_DEVICES; LibTorch counts them alike.
    int32_t devices;
} CTDriver;

typedef struct CTGPU {
    char name[256];
    /// Of compute capability 9.0: 9 and 0.
    int32_t major, minor;
    /// Bytes.
    uint64_t memory;
    /// Bytes that nobody uses, of the management library.
    uint64_t free_memory;
    bool knows_free_memory;
} CTGPU;

/// - cuda, management: the libraries, such as "libcuda.so.1" and "libnvidia-ml.so.1". They stay open.
CTStatus ct_driver(const char *cuda, const char *management, CTDriver *out);

/// Fails where a call does; of the free memory that is no failure.
CTStatus ct_driver_gpu(const char *cuda, const char *management, int32_t index, CTGPU *out);

/// The CUDA that LibTorch was built with, 13000 for 13.0. Fails where it was built without.
CTStatus ct_cuda_version(int32_t *out);

/// What LibTorch says of its build with CUDA, with the architectures that it has kernels for. Fails where it was built
/// without, or `size` is too small.
CTStatus ct_cuda_build(char *text, size_t size);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
