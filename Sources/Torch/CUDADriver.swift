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
