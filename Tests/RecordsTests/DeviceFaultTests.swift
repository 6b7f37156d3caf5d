import Records
import Testing

@Suite struct DeviceFaultTests {
    /// As LibTorch 2.11 to 2.13 say it, with what they add to every error of a kernel.
    private func cuda(_ words: String, _ name: String = "cudaErrorUnknown") -> String {
        """
        CUDA error: \(words)
        Search for `\(name)' in https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html for more information.
        CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.
        For debugging consider passing CUDA_LAUNCH_BLOCKING=1
        Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.
        """
    }

    @Test func eachErrorOfCUDAIsOfItsKind() {
        let kinds: [(DeviceFault, [String])] = [
            (.memory, ["out of memory"]),
            (
                .lost,
                [
                    "an illegal memory access was encountered", "unspecified launch failure",
                    "device-side assert triggered",
                    "uncorrectable ECC error encountered", "the launch timed out and was terminated",
                    "CUDA-capable device(s) is/are busy or unavailable", "misaligned address", "unknown error",
                    "an illegal instruction was encountered", "initialization error", "invalid device ordinal",
                    "uncorrectable NVLink error detected during the execution", "system not yet initialized",
                    "MPS client failed to connect to the MPS control daemon or the MPS server",
                ]
            ),
            (
                .unfit,
                [
                    "no kernel image is available for execution on the device",
                    "CUDA driver version is insufficient for CUDA runtime version", "device kernel image is invalid",
                    "the provided PTX was compiled with an unsupported toolchain.",
                    "system has unsupported display driver / cuda driver combination",
                ]
            ),
            (
                .unclear,
                [
                    "invalid configuration argument", "invalid argument", "too many resources requested for launch",
                    "operation not supported", "too many blocks in cooperative launch",
                ]
            ),
        ]
        for (fault, words) in kinds {
            for words in words { #expect(DeviceFault(cuda(words)) == fault, "\(words)") }
        }
    }

    @Test(
        arguments: [
            ("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.25 GiB", .memory),
            ("CUDA driver error: out of memory", .memory),
            ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", .memory),
            ("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`", .lost),
            (
                "CUDA error: CUBLAS_STATUS_INVALID_VALUE when calling `cublasGemmEx( handle, opa, opb, m, n, k`",
                .unclear
            ),
            ("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`", .lost),
            ("CUDA error: CUBLAS_STATUS_NOT_SUPPORTED when calling `cublasLtMatmul`", .unclear),
            ("CUDA error: CUBLAS_STATUS_ARCH_MISMATCH when calling `cublasGemmEx`", .unfit),
            ("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED", .memory),
            ("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR", .lost),
            ("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED_CUDART", .lost),
            ("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED", .lost),
            ("cuDNN error: CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED", .unfit),
            ("cuDNN error: CUDNN_STATUS_BAD_PARAM", .unclear), ("CUDNN_STATUS_NOT_SUPPORTED", .unclear),
            ("Unable to find a valid cuDNN algorithm to run convolution", .memory),
            ("GET was unable to find an engine to execute this computation (cuDNN)", .unclear),
            ("Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU", .unfit),
            ("No CUDA GPUs are available", .lost),
            ("Unexpected error from cudaGetDeviceCount(). Error 802: system not yet initialized (CUDA)", .lost),
            ("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1", nil),
            ("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory", nil),
            ("bad_alloc", nil),
        ] as [(String, DeviceFault?)]
    ) func theWordsOfEachLibraryAreOfTheirKind(_ message: String, _ fault: DeviceFault?) {
        #expect(DeviceFault(message) == fault, "\(message)")
    }

    /// Schedulers go by the exit code: what another try may find gone is 75.
    @Test(arguments: [
        ("CUDA out of memory", Records.ExitStatus.temporary),
        ("CUDA error: an illegal memory access was encountered", .temporary),
        ("CUDA error: no kernel image is available for execution on the device", .usage),
        ("CUDA error: invalid configuration argument", .bug),
    ]) func whatTheMachineIsToBlameForIsWorthAnotherTry(_ message: String, _ exit: Records.ExitStatus) throws {
        let failure = try #require(Failure(ofDevice: "cuda:1", message))
        #expect((failure.code.exitStatus, failure.subject) == (exit, "cuda:1"))
        #expect(failure.message.contains(message))
        #expect(Failure(ofDevice: "cuda:1", "can't allocate memory") == nil)
    }
}
