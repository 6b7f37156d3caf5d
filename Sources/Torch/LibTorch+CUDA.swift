import CTorch

#if canImport(Glibc)
    import Glibc
#endif

extension LibTorch {
    /// Variables that would change the last digits of results on CUDA, each with the one value that does not. Libraries read them when
    /// they are loaded, so that it is too late to set them here.
    private static let variables = [
        // Of cuBLAS, which chooses its algorithms by the room that it has.
        ("CUBLAS_WORKSPACE_CONFIG", ":4096:8"),
        // Of cuBLAS and cuDNN, whatever a program asks of them.
        ("NVIDIA_TF32_OVERRIDE", "0"),
    ]

    /// To be called before any work that is to be done on a CUDA device.
    /// - Throws: `TorchError` whose operation is the variable that asks for other results.
    public static func checkCUDAEnvironment() throws(TorchError) {
        for (name, harmless) in variables {
            guard let found = getenv(name).map({ String(cString: $0) }), found != harmless else { continue }
            let message = "'\(found)' would change the last digits of results; unset it, or set \(harmless)"
            throw TorchError(name, message)
        }
    }

    /// Makes CUDA give the same bits again, for the whole process: a fixed workspace of cuBLAS, cuDNN's deterministic kernels without
    /// trials, no TF32 in fp32, sums of bf16 products in fp32, deterministic operators. To be called before the first product on a
    /// CUDA device.
    ///
    /// Equal bits are promised on devices of one model, with one LibTorch, for batches of one shape; other devices and shapes get
    /// other kernels.
    /// - Throws: `TorchError` as `checkCUDAEnvironment`; nothing is changed then.
    public static func makeCUDARepeatable() throws(TorchError) {
        try checkCUDAEnvironment()
        try check(ct_make_cuda_repeatable(), "makeCUDARepeatable()")
    }

    /// Settles a CUDA device before its first work, and has it multiply two small matrices. A CPU needs nothing.
    /// - Throws: `TorchError` where it does not compute, or computes wrongly; as `makeCUDARepeatable`.
    public static func open(_ device: Device) throws(TorchError) {
        guard device != .cpu else { return }
        try makeCUDARepeatable()
        try ProductCheck.judge(.float32, on: device)
    }
}
