#include "support.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <torch/csrc/inductor/aoti_torch/c/shim.h>
#include <torch/headeronly/version.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

static thread_local std::string last_error;

void set_last_error(const char *message) noexcept {
    try {
        last_error = message;
    } catch (...) {
        last_error.clear();
    }
}

const char *ct_last_error(void) { return last_error.c_str(); }

CTStatus ct_fail(const char *reason) {
    set_last_error(reason);
    return CTStatusFailed;
}

const char *ct_version(void) { return TORCH_VERSION; }

uint64_t ct_loaded_version(void) { return aoti_torch_abi_version(); }

const char *ct_library(void) {
    Dl_info found;
    void *inside = dlsym(RTLD_DEFAULT, "aoti_torch_abi_version");
    return inside && dladdr(inside, &found) && found.dli_fname ? found.dli_fname : "";
}

bool ct_is_built_with_cuda(void) { return at::CUDAHooksRegistry()->Has("CUDAHooks"); }

CTStatus ct_set_threads(int32_t intra_op) {
    return guarded([&] { at::set_num_threads(intra_op); });
}

CTStatus ct_set_interop_threads(int32_t count) {
    return guarded([&] { at::set_num_interop_threads(count); });
}

CTStatus ct_cuda_is_available(bool *out) {
    return guarded([&] { *out = at::hasCUDA(); });
}

CTStatus ct_cuda_devices(int32_t *out) {
    return guarded([&] { *out = at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0; });
}

CTStatus ct_cpu_capability(char *text, size_t size) {
    return guarded([&] {
        const std::string name = at::get_cpu_capability();
        TORCH_CHECK(name.size() < size, "the name of the processor's capability is too long");
        name.copy(text, name.size());
        text[name.size()] = 0;
    });
}

CTStatus ct_has_onednn(bool *out) {
    return guarded([&] { *out = at::globalContext().hasMKLDNN(); });
}

/// oneDNN computes fp32 products in bf16 where AMX makes that pay; anything but x86-64 is not vouched for.
static bool onednn_stays_fp32() {
#if defined(__x86_64__)
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr unsigned amx_tile = 1u << 24;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && !(edx & amx_tile);
#else
    return false;
#endif
}

CTStatus ct_prefer_onednn(bool *out) {
    return guarded([&] {
        *out = at::globalContext().hasMKLDNN() && onednn_stays_fp32();
        if (*out) {
            // Not setFloat32MatmulPrecision("medium"), which would also turn TF32 on for CUDA.
            at::globalContext().setFloat32Precision(
                at::Float32Backend::MKLDNN, at::Float32Op::MATMUL, at::Float32Precision::BF16);
        }
    });
}

CTStatus ct_prefer_large_pages(void) {
    return guarded([&] {
        // LibTorch's allocator reads it once, before its first large tensor.
        TORCH_CHECK(setenv("THP_MEM_ALLOC_ENABLE", "1", /*overwrite=*/0) == 0, "the environment cannot be changed");
    });
}
