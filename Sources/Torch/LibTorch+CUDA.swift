import CTorch

extension LibTorch {
    /// The variable that `makeCUDARepeatable` sets.
    public static let workspaceVariable = "CUBLAS_WORKSPACE_CONFIG"

    /// Makes CUDA give the same bits again, for the whole process: a fixed workspace of cuBLAS, cuDNN's deterministic kernels without
    /// trials, no TF32 in fp32, sums of bf16 products in fp32, deterministic operators. To be called before the first product on a
    /// CUDA device.
    ///
    /// Equal bits are promised on devices of one model, with one LibTorch, for batches of one shape; other devices and shapes get
    /// other kernels.
    /// - Throws: `TorchError` where `$CUBLAS_WORKSPACE_CONFIG` says something else; nothing is changed then.
    public static func makeCUDARepeatable() throws(TorchError) {
        try check(ct_make_cuda_repeatable(), workspaceVariable)
    }
}
