import Records

/// Where networks compute, as people say it. A GPU is named by its index among those that LibTorch sees: of all that the machine has,
/// `CUDA_VISIBLE_DEVICES` leaves some, and they are counted from 0.
public enum DeviceChoice: Hashable, Sendable {
    /// `auto`: one GPU, by the memory that is free when it is asked, or the processor.
    case auto, cpu
    /// These, in this order: one or more, none of them twice.
    case cuda([Int])
    /// Every one that LibTorch sees.
    case everyCUDA

    /// LibTorch counts no further.
    static let indices = 0...99

    /// - Parameter word: `auto`, `cpu`, `cuda` (the first), `cuda:N`, several such as `cuda:0,cuda:2`, `cuda:all`.
    /// - Throws: `Failure` (usage) that says what is wanted.
    public init(_ word: String) throws {
        switch word {
        case "auto": self = .auto
        case "cpu": self = .cpu
        case "cuda": self = .cuda([0])
        case "cuda:all": self = .everyCUDA
        default:
            let parts = word.split(separator: ",", omittingEmptySubsequences: false)
            let indices = parts.compactMap { part -> Int? in
                guard let match = part.wholeMatch(of: /cuda:(0|[1-9][0-9]?)/) else { return nil }
                return Int(match.1)
            }
            guard indices.count == parts.count else { throw Failure(.usage, nil, "\(Self.wanted) is wanted here") }
            if let twice = indices.indices.first(where: { indices[..<$0].contains(indices[$0]) }) {
                throw Failure(.usage, nil, "cuda:\(indices[twice]) is named twice; name each device once")
            }
            self = .cuda(indices)
        }
    }

    public init(_ device: ComputeDevice) {
        switch device {
        case .cpu: self = .cpu
        case .cuda(let index): self = .cuda([index])
        }
    }

    /// As `init` reads it.
    public var word: String {
        switch self {
        case .auto: "auto"
        case .cpu: "cpu"
        case .cuda([0]): "cuda"
        case .cuda(let indices): indices.map { "cuda:\($0)" }.joined(separator: ",")
        case .everyCUDA: "cuda:all"
        }
    }

    /// The same without which GPUs: no result depends on that.
    public var kind: DeviceChoice {
        switch self {
        case .auto, .cpu: self
        case .cuda, .everyCUDA: .cuda([0])
        }
    }

    /// Words that stand for themselves, for lists of them.
    public static let words = known.map(\.word)

    /// `auto, cpu, cuda, cuda:N, …`, before "is wanted here".
    static let wanted = ConfigValues<DeviceChoice>.device.shape.wanted

    fileprivate static let known = [
        ConfigWord(word: "auto", meaning: "the GPU with the most free memory where LibTorch sees one, else the CPU"),
        ConfigWord(word: "cpu", meaning: "the CPU"),
        ConfigWord(word: "cuda", meaning: "the first GPU"),
        ConfigWord(word: "cuda:all", meaning: "every GPU that LibTorch sees"),
    ]

    fileprivate static let numbered = ConfigWord(
        word: "cuda:N",
        meaning: "a GPU by its index from 0 among those that `CUDA_VISIBLE_DEVICES` leaves; several as `cuda:0,cuda:2`"
    )
}

extension DeviceChoice: CustomStringConvertible {
    public var description: String { word }
}

extension DeviceChoice: Codable {
    public init(from decoder: any Decoder) throws {
        let path = decoder.codingPath.map(\.stringValue).joined(separator: ".")
        let word = try decoder.singleValueContainer().decode(String.self)
        do { try self.init(word) } catch let failure as Failure {
            throw ConfigError(path, failure.message)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(word)
    }
}

extension ConfigValues where Value == DeviceChoice {
    public static var device: Self {
        let one = "cuda:(0|[1-9][0-9]?)"
        return Self(
            .either([.choice(DeviceChoice.known), .pattern(DeviceChoice.numbered, "^\(one)(,\(one))*$")])
        )
    }
}
