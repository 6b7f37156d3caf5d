import Records

/// One device that a process computes on.
public enum ComputeDevice: Hashable, Sendable, CustomStringConvertible {
    case cpu
    /// A GPU by its index among those that LibTorch sees.
    case cuda(Int)

    /// `cpu` or `cuda:N`.
    public var description: String {
        switch self {
        case .cpu: "cpu"
        case .cuda(let index): "cuda:\(index)"
        }
    }

    /// `cpu`, `cuda:0 and cuda:1`.
    public static func list(_ devices: [ComputeDevice]) -> String {
        let words = devices.map(\.description)
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return "\(words.dropLast().joined(separator: ", ")) and \(last)"
    }
}

extension ComputeDevice {
    /// Patches that an encoder computes at a time. On a CPU: enough to keep a core busy, few enough to stay in its cache.
    public var batch: Int { self == .cpu ? 8 : 256 }

    /// Batches at a time, each on a thread of its own: a GPU has one put together while the other is computed.
    /// - Parameter threads: cores of a CPU that compute.
    public func lanes(threads: Int) -> Int { self == .cpu ? max(1, threads) : 2 }
}

extension ComputeDevice: Codable {
    public init(from decoder: any Decoder) throws {
        switch try DeviceChoice(from: decoder) {
        case .cpu: self = .cpu
        case .cuda(let indices) where indices.count == 1: self = .cuda(indices[0])
        case let choice: throw Failure(.bug, nil, "'\(choice)' is not one device")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The GPUs that LibTorch sees here, and what is known of why they are so few.
public struct VisibleDevices: Sendable {
    public var count: Int
    /// Whether LibTorch is a build with CUDA.
    public var isBuiltWithCUDA: Bool
    /// `CUDA_VISIBLE_DEVICES`; nil where it is not set.
    public var mask: String?
    /// Bytes of each that nobody uses; nil, or none at all, where that is not told.
    public var free: [Int?]

    public init(count: Int, isBuiltWithCUDA: Bool, mask: String?, free: [Int?] = []) {
        (self.count, self.isBuiltWithCUDA, self.mask, self.free) = (count, isBuiltWithCUDA, mask, free)
    }

    /// What a choice means here.
    /// - Returns: one device or more, in the order of the choice.
    /// - Throws: `Failure` (usage) for one that is not here.
    public func devices(of choice: DeviceChoice) throws -> [ComputeDevice] {
        switch choice {
        case .cpu: return [.cpu]
        case .auto: return [count > 0 ? .cuda(roomiest) : .cpu]
        case .everyCUDA:
            guard count > 0 else { throw none(choice) }
            return (0..<count).map(ComputeDevice.cuda)
        case .cuda(let indices):
            guard count > 0 else { throw none(choice) }
            if let beyond = indices.first(where: { $0 >= count }) {
                let left = mask.map { " (CUDA_VISIBLE_DEVICES is '\($0)')" } ?? ""
                let use = count == 1 ? "cuda:0" : "cuda:0 to cuda:\(count - 1)"
                let shown = "this machine shows \(count) device\(count == 1 ? "" : "s")\(left)"
                throw Failure(.usage, "device \(choice)", "there is no cuda:\(beyond): \(shown); use \(use)")
            }
            return indices.map(ComputeDevice.cuda)
        }
    }

    /// The first that has about as much free memory as any, to an eighth: on a machine whose GPUs are idle always the first, and
    /// on one that people share none that is full while another is empty. The first where the memory of one is not known.
    private var roomiest: Int {
        let known = free.compactMap(\.self)
        guard known.count == count, let most = known.max() else { return 0 }
        return known.firstIndex { $0 >= most - most / 8 } ?? 0
    }

    private func none(_ choice: DeviceChoice) -> Failure {
        let reason =
            switch (isBuiltWithCUDA, mask) {
            case (false, _): "this LibTorch is a build without CUDA; use cpu, or set LIBTORCH to a CUDA build"
            case (true, let mask?):
                "LibTorch sees no GPU, and CUDA_VISIBLE_DEVICES is '\(mask)'; unset it, or use cpu (wsi doctor says more)"
            case (true, nil): "LibTorch has CUDA and sees no GPU; wsi doctor says why, cpu goes without"
            }
        return Failure(.usage, "device \(choice)", reason)
    }
}
