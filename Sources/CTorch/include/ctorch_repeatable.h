#pragma once

#include "ctorch_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Makes CUDA repeat itself, for the whole process: cuBLAS has a workspace of a fixed size (CUBLAS_WORKSPACE_CONFIG=:4096:8),
/// cuDNN takes deterministic kernels and tries none out, fp32 stays fp32 (no TF32), products of bf16 and fp16 add up in fp32,
/// and operators that have a deterministic form take it.
///
/// To be called before the first product on a CUDA device. What the environment says of that workspace and of TF32 is overridden.
CTStatus ct_make_cuda_repeatable(void);

#ifdef __cplusplus
}
#endif
