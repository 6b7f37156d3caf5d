import CTorch

/// The type of a tensor's elements.
public enum DType: Sendable, CaseIterable {
    case float32, float16, bfloat16, uint8, int64, bool
    /// Any other that a TorchScript module may return; such a tensor can only be converted.
    case other

    init(code: CTDType) {
        self =
            switch code {
            case .float32: .float32
            case .float16: .float16
            case .bfloat16: .bfloat16
            case .uint8: .uint8
            case .int64: .int64
            case .bool: .bool
            case .other: .other
            }
    }

    var code: CTDType {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .bfloat16
        case .uint8: .uint8
        case .int64: .int64
        case .bool: .bool
        case .other: .other
        }
    }
}
