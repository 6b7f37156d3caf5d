import CTorch

/// The architectures of GPUs that a LibTorch has kernels for.
public struct CUDAArchitectures: Equatable, Sendable {
    /// Code for one of them: of a GPU that computes, or (`compute_90`) that the driver translates.
    private struct Code: Equatable, Sendable {
        var number: Int
        var isPortable: Bool
        /// `a`: for its own number alone; `f`: for its own family; none: for all that such code serves.
        var suffix: Substring

        func serves(major: Int, minor: Int) -> Bool {
            let own = major * 10 + minor
            let isOfFamily = number / 10 == major && number <= own
            return switch suffix {
            case "": isPortable ? number <= own : isOfFamily
            case "f": isOfFamily
            default: number == own
            }
        }
    }

    private let codes: [Code]

    /// - Parameter build: LibTorch's words of its build: `arch=compute_90,code=sm_90;…`, `code=[compute_90,sm_90]`.
    /// - Returns: nil where they name none.
    public init?(_ build: String) {
        codes = build.matches(of: /code=["'\[]*((?:(?:sm|compute)_\d{2,3}[a-z]?,?)+)/).flatMap { list in
            list.1.matches(of: /(sm|compute)_(\d{2,3})([a-z]?)/).compactMap { match in
                Int(match.2).map { Code(number: $0, isPortable: match.1 == "compute", suffix: match.3) }
            }
        }
        if codes.isEmpty { return nil }
    }

    /// Machine code serves its own generation from its number on; code that is translated serves every newer GPU.
    public func haveKernels(major: Int, minor: Int) -> Bool {
        codes.contains { $0.serves(major: major, minor: minor) }
    }
}

extension LibTorch {
    /// The CUDA that it was built with; nil for a build without.
    public static var cuda: CUDADriver.Version? {
        get throws(TorchError) {
            guard isBuiltWithCUDA else { return nil }
            var version: Int32 = 0
            try check(ct_cuda_version(&version), "LibTorch.cuda")
            return CUDADriver.Version(version)
        }
    }

    /// What it has kernels for; nil for a build without CUDA, or where it does not say.
    /// - Throws: `TorchError` where there is no driver that it can use.
    public static var cudaArchitectures: CUDAArchitectures? {
        get throws(TorchError) {
            guard isBuiltWithCUDA else { return nil }
            var text = [CChar](repeating: 0, count: 1 << 14)
            try check(ct_cuda_build(&text, text.count), "LibTorch.cudaArchitectures")
            let said = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return CUDAArchitectures(said)
        }
    }
}
