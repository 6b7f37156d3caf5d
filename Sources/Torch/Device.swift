import CTorch

/// Where a tensor lives and is computed.
public enum Device: Hashable, Sendable, CustomStringConvertible {
    case cpu
    /// A CUDA device by its index.
    case cuda(Int)
    /// Shapes without numbers: what a computation would make, and of what. Nothing computes on it.
    case meta

    /// Reads `cpu`, `cuda` (the first) or `cuda:N`.
    public init?(_ text: String) {
        switch text {
        case "cpu": self = .cpu
        case "cuda": self = .cuda(0)
        default:
            guard text.hasPrefix("cuda:"), let index = Int8(text.dropFirst(5)), index >= 0 else { return nil }
            self = .cuda(Int(index))
        }
    }

    init(code: Int32) { self = code == CT_META ? .meta : code < 0 ? .cpu : .cuda(Int(code)) }

    var code: Int32 {
        switch self {
        case .cpu: CT_CPU
        case .cuda(let index): Int32(clamping: max(0, index))
        case .meta: CT_META
        }
    }

    public var description: String {
        switch self {
        case .cpu: "cpu"
        case .cuda(let index): "cuda:\(index)"
        case .meta: "meta"
        }
    }
}
