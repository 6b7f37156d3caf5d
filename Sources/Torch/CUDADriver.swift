import CTorch

/// NVIDIA's driver, asked without LibTorch: which GPUs it shows this process.
public struct CUDADriver: Sendable {
    /// A version of CUDA, such as 12.8.
    public struct Version: Equatable, Comparable, Sendable, CustomStringConvertible {
        private let number: Int32

        /// - Parameter number: as CUDA writes it: 12080 for 12.8.
        init?(_ number: Int32) {
            guard number > 0 else { return nil }
            self.number = number
        }

        public static func < (one: Version, other: Version) -> Bool { one.number < other.number }

        public var description: String { "\(number / 1000).\(number % 1000 / 10)" }
    }

    public struct GPU: Equatable, Sendable {
        public let name: String
        /// Of compute capability 9.0: 9.
        public let major: Int
        /// Of compute capability 9.0: 0.
        public let minor: Int
        /// Bytes.
        public let memory: Int
        /// Bytes that nobody uses; nil where the management library does not tell.
        public let freeMemory: Int?

        /// - Throws: `TorchError` that names the call of the driver that failed.
        fileprivate init(_ index: Int, of driver: CUDADriver) throws(TorchError) {
            var facts = CTGPU()
            try check(ct_driver_gpu(driver.library, driver.management, Int32(index), &facts), "CUDADriver.gpu(_:)")
            name = text(facts.name)
            (major, minor) = (Int(facts.major), Int(facts.minor))
            memory = Int(clamping: facts.memory)
            freeMemory = facts.knows_free_memory ? Int(clamping: facts.free_memory) : nil
        }
    }

    private let library: String
    private let management: String
    /// Whether its library is here.
    public let isFound: Bool
    /// Such as `570.86.15`; nil where the management library does not tell.
    public let release: String?
    /// The newest CUDA that it knows.
    public let cuda: Version?
    /// Why it was not found, or the first call that failed.
    public let fault: String?
    /// CUDA_ERROR_NO_DEVICE, also where `CUDA_VISIBLE_DEVICES` leaves none.
    public let hasNoDevice: Bool
    /// GPUs that it shows; LibTorch counts them alike.
    public let count: Int

    /// - Parameters:
    ///   - library: the driver's; a name is looked for where the loader looks.
    ///   - management: the library with the driver's release and the memory that is free.
    /// - Throws: `TorchError` where memory runs out.
    public init(
        library: String = "libcuda.so.1",
        management: String = "libnvidia-ml.so.1"
    ) throws(TorchError) {
        var facts = CTDriver()
        try check(ct_driver(library, management, &facts), "CUDADriver()")
        (self.library, self.management) = (library, management)
        isFound = facts.is_found
        let (release, fault) = (text(facts.release), text(facts.fault))
        self.release = release.isEmpty ? nil : release
        self.fault = fault.isEmpty ? nil : fault
        cuda = Version(facts.cuda)
        hasNoDevice = facts.is_found && (facts.result == 100 || facts.result == 0 && facts.devices == 0)
        count = Int(facts.devices)
    }

    /// - Throws: `TorchError` that names the call of the driver that failed.
    public func gpu(_ index: Int) throws(TorchError) -> GPU { try GPU(index, of: self) }
}

/// Of an array of C that a zero ends.
private func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

/// The architectures of GPUs that a LibTorch has kernels for.
public struct CUDAArchitectures: Equatable, Sendable {
    /// Of machine code: the number, and whether it runs on nothing else (`sm_90a`).
    private var codes: [(number: Int, isExact: Bool)] = []
    /// Of code that the driver translates for newer ones (`compute_90`).
    private var portable: [Int] = []

    /// - Parameter build: LibTorch's words of its build: `arch=compute_90,code=sm_90;…`.
    /// - Returns: nil where they name none.
    public init?(_ build: String) {
        for match in build.matches(of: /code=\[?(sm|compute)_(\d{2,3})([a-z]?)/) {
            guard let number = Int(match.2) else { continue }
            if match.1 == "sm" { codes.append((number, !match.3.isEmpty)) } else { portable.append(number) }
        }
        if codes.isEmpty, portable.isEmpty { return nil }
    }

    /// Machine code serves its own generation from its number on; code that is translated serves every newer GPU.
    public func haveKernels(major: Int, minor: Int) -> Bool {
        let own = major * 10 + minor
        return portable.contains { $0 <= own }
            || codes.contains { $0.isExact ? $0.number == own : $0.number / 10 == major && $0.number <= own }
    }

    public static func == (one: Self, other: Self) -> Bool {
        one.portable == other.portable && one.codes.elementsEqual(other.codes) { $0 == $1 }
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
