public import Records

/// An encoder on a device, which computes batches of one shape.
public protocol BatchNetwork: Sendable {
    /// Of the feature files.
    var name: String { get }
    /// Numbers per patch.
    var dim: Int { get }
    /// Bytes of a patch as the network takes it: side × side × 3.
    var bytesPerPatch: Int { get }

    /// Patches [count, side, side, 3] as the network takes them [count, bytesPerPatch].
    func prepared(_ pixels: [UInt8], count: Int, side: Int) throws -> [UInt8]

    /// - Parameters:
    ///   - pixels: as `prepared` makes them, one after the other.
    ///   - count: patches; those of a batch always.
    /// - Returns: features [count, dim], row-major.
    /// - Throws: `BatchFault`, or any other error, for which the patches are to blame.
    func features(of pixels: UnsafeRawBufferPointer, count: Int) throws -> [Float]
}

/// A batch that was not computed, and whose patches are not to blame, or not known to be.
public enum BatchFault: ReportableError {
    /// The device has too little memory for a batch of this size.
    case memory(Failure)
    /// The device is lost.
    case device(Failure)
    /// The device refused the batch, and whether these patches or any are the cause is not said.
    case unclear(Failure)

    /// What LibTorch's words say of a GPU; nil where they say nothing of one.
    public init?(_ name: String, _ message: String) {
        guard let fault = DeviceFault(message), let failure = Failure(ofDevice: name, message) else { return nil }
        switch fault {
        case .memory: self = .memory(failure)
        case .lost, .unfit: self = .device(failure)
        case .unclear: self = .unclear(failure)
        }
    }

    private var failure: Failure {
        switch self {
        case .memory(let failure), .device(let failure), .unclear(let failure): failure
        }
    }

    public var code: ErrorCode { failure.code }
    public var subject: String? { failure.subject }
    public var message: String { failure.message }
}

/// What computes batches.
public struct BatchDevice: Sendable {
    /// Such as `cpu` or `cuda:1`.
    public var name: String
    /// In the order in which slides name them.
    public var networks: [any BatchNetwork]
    /// Patches of a batch.
    public var batch: Int
    /// Batches at a time: the cores of a CPU; on a GPU one is put together while the other is computed.
    public var lanes: Int
    /// How many of the lanes compute at a time; the others put batches together meanwhile.
    public var parallel: Int

    /// - Parameter parallel: nil for all lanes.
    public init(_ name: String, _ networks: [any BatchNetwork], batch: Int, lanes: Int, parallel: Int? = nil) {
        (self.name, self.networks, self.batch, self.lanes) = (name, networks, max(1, batch), max(1, lanes))
        self.parallel = parallel ?? self.lanes
    }
}
