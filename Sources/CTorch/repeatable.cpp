#include "ctorch_repeatable.h"
#include "support.hpp"

#include <ATen/Context.h>
#include <cstdlib>
#include <cstring>

CTStatus ct_make_cuda_repeatable(void) {
    return guarded([&] {
        // cuBLAS chooses its algorithm by the room it has, and with several streams the room would be shared by chance.
        constexpr auto variable = "CUBLAS_WORKSPACE_CONFIG", workspace = ":4096:8";
        const char *found = std::getenv(variable);
        TORCH_CHECK(
            !found || std::strcmp(found, workspace) == 0, "'", found ? found : "",
            "' would change the last digits of results; unset it, or set ", workspace);
        TORCH_CHECK(setenv(variable, workspace, /*overwrite=*/1) == 0, "the environment cannot be changed");

        at::Context &context = at::globalContext();
        context.setDeterministicCuDNN(true);
        // Trying kernels out would choose one by the clock.
        context.setBenchmarkCuDNN(false);
        // Operation by operation: the older switches for TF32 must not be mixed with these.
        for (const auto operation : {at::Float32Op::MATMUL, at::Float32Op::CONV, at::Float32Op::RNN})
            context.setFloat32Precision(at::Float32Backend::CUDA, operation, at::Float32Precision::IEEE);
        context.setAllowBF16ReductionCuBLAS(/*allow_reduced_precision=*/false);
        context.setAllowFP16ReductionCuBLAS(/*allow_reduced_precision=*/false);
        // An operator without a deterministic form warns and runs: none that is used here for features is one. Filling fresh
        // memory, which comes with the switch, is for finding faults.
        context.setDeterministicAlgorithms(true, /*warn_only=*/true);
        context.setDeterministicFillUninitializedMemory(false);
    });
}
