/// What an error says of the GPU that it happened on, as far as words tell: of CUDA, cuBLAS and cuDNN LibTorch passes on nothing else.
///
/// The words are those of cudaGetErrorString, and the names of CUresult, cublasStatus_t and cudnnStatus_t.
public enum DeviceFault: Equatable, Sendable {
    /// Too little of its memory is free: less at a time may do, or another time.
    case memory
    /// It, its driver or this process's hold on it is broken, and nothing more is computed there: another device or process may do.
    case lost
    /// This LibTorch, or this driver, is none for it.
    case unfit
    /// None of these: of what was asked, but whether of these numbers or of any does not stand in it.
    case unclear

    /// - Parameter message: LibTorch's words.
    /// - Returns: nil where they do not speak of a GPU.
    public init?(_ message: String) {
        guard Self.libraries.contains(where: message.contains) else { return nil }
        self = Self.table.first { $0.words.contains(where: message.contains) }?.fault ?? .unclear
    }

    /// Named in every message of theirs.
    private static let libraries = ["CUDA", "CUBLAS", "CUDNN", "cuDNN", "NVRTC", "NVIDIA driver"]

    /// The first row that fits counts: the names of some errors are the beginnings of others.
    private static let table: [(fault: DeviceFault, words: [String])] = [
        (
            .unfit,
            [
                "no kernel image is available", "driver version is insufficient", "driver is a stub library",
                "not supported in the installed CUDA driver", "NVIDIA driver on your system is too old",
                "Found no NVIDIA driver", "PTX JIT compil", "unsupported toolchain", "kernel image is invalid",
                "shared object initialization failed", "unsupported display driver",
                "forward compatibility was attempted",
                "_SUBLIBRARY_", "_STATUS_ARCH_MISMATCH", "_STATUS_LICENSE_ERROR",
            ]
        ),
        (
            .memory,
            [
                "out of memory", "OUT_OF_MEMORY", "_ALLOC_FAILED", "_ALLOCATION_FAILED",
                // Each one that was tried had no room for its workspace.
                "Unable to find a valid cuDNN algorithm",
            ]
        ),
        (
            .lost,
            [
                "illegal memory access", "illegal instruction", "misaligned address", "invalid program counter",
                "unspecified launch failure", "hardware stack error", "device-side assert triggered",
                "on global/shared address space", "launch timed out", "uncorrectable ECC", "uncorrectable NVLink",
                "peer GPU memory over nvlink", "context is destroyed", "invalid device context", "busy or unavailable",
                "no CUDA-capable device", "No CUDA GPUs", "invalid device ordinal", "initialization error",
                "driver shutting down", "system not yet initialized", "OS call failed", "external device", "MPS ",
                "unknown error", "Grid license", "multiplies wrongly",
                // A handle is made where a thread first multiplies: of a device that is broken, or all of whose memory others have.
                "_NOT_INITIALIZED", "_EXECUTION_FAILED", "_INTERNAL_ERROR", "_MAPPING_ERROR",
            ]
        ),
    ]
}

extension Failure {
    /// What LibTorch's words say of a GPU; nil where they say nothing of one.
    ///
    /// What is the machine's is worth another try (exit 75), on another device or at another time.
    public init?(ofDevice subject: String?, _ message: String) {
        guard let fault = DeviceFault(message) else { return nil }
        switch fault {
        case .memory:
            self.init(.io, subject, "\(message); end what else is at work there, or use a GPU with more memory")
        case .lost: self.init(.io, subject, "\(message); run the same command again, or name another device")
        case .unfit:
            let wayOut = "use another device, or another LibTorch or driver (wsi doctor says more)"
            self.init(.usage, subject, "this LibTorch and driver cannot compute on it (\(message)); \(wayOut)")
        case .unclear: self.init(.torch, subject, message)
        }
    }
}
