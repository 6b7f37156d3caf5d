#include "support.hpp"

#include "ctorch_devices.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <string>

CTStatus ct_cuda_version(int32_t *out) {
    return guarded([&] { *out = static_cast<int32_t>(at::detail::getCUDAHooks().versionCUDART()); });
}

CTStatus ct_cuda_build(char *text, size_t size) {
    return guarded([&] {
        const std::string said = at::detail::getCUDAHooks().showConfig();
        TORCH_CHECK(said.size() < size, "the words of LibTorch's build are too long");
        said.copy(text, said.size());
        text[said.size()] = 0;
    });
}
