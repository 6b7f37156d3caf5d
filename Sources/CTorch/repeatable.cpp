#include "ctorch_repeatable.h"
#include "support.hpp"

#include <ATen/Context.h>
#include <cstdlib>

CTStatus ct_make_cuda_repeatable(void) {
    return guarded([&] {
        // cuBLAS chooses its algorithm by the room it has, and with several streams the room would be shared by chance.
        TORCH_CHECK(
            setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/1) == 0, "the environment cannot be changed");

        at::Context &context = at::globalContext();
        context.setDeterministicCuDNN(true);
        // Trying kernels out would choose one by the clock.
        context.setBenchmarkCuDNN(false);
        // The older switch, which TORCH_ALLOW_TF32_CUBLAS_OVERRIDE turns on: where it and the newer one disagree every product fails.
        context.setAllowTF32CuBLAS(false);
        for (const auto operation : {at::Float32Op::MATMUL, at::Float32Op::CONV, at::Float32Op::RNN})
            context.setFloat32Precision(at::Float32Backend::CUDA, operation, at::Float32Precision::IEEE);
        TORCH_CHECK(!context.allowTF32CuBLAS(), "fp32 would be computed in TF32");
        context.setAllowBF16ReductionCuBLAS(/*allow_reduced_precision=*/false);
        context.setAllowFP16ReductionCuBLAS(/*allow_reduced_precision=*/false);
        // An operator without a deterministic form warns and runs: none that is used here for features is one. Filling fresh
        // memory, which comes with the switch, is for finding faults.
        context.setDeterministicAlgorithms(true, /*warn_only=*/true);
        context.setDeterministicFillUninitializedMemory(false);
    });
}
