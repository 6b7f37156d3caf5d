import CTorch

/// Where a tensor lives and is computed.
public struct Device: Hashable, Sendable, CustomStringConvertible {
    /// As the C functions take it.
    let code: Int32

    public static let cpu = Device(code: CT_CPU)
    /// Shapes without numbers, for tests: what a computation would make, and of what. Nothing computes on it.
    static let meta = Device(code: CT_META)

    /// A CUDA device by its index.
    public static func cuda(_ index: Int) -> Device { Device(code: Int32(clamping: max(0, index))) }

    init(code: Int32) { self.code = code }

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

    /// Of a CUDA device.
    public var cudaIndex: Int? { code < 0 ? nil : Int(code) }

    public var description: String { cudaIndex.map { "cuda:\($0)" } ?? (self == .meta ? "meta" : "cpu") }
}
