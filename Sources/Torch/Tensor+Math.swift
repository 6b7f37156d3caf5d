import CTorch

/// Element by element; shapes are broadcast.
extension Tensor {
    public static func + (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.binary(right, ct_add) }

    public static func - (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try left.binary(right, ct_subtract)
    }

    public static func * (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try left.binary(right, ct_multiply)
    }

    public static func / (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try left.binary(right, ct_divide)
    }

    public static func + (left: Tensor, right: Double) throws(TorchError) -> Tensor {
        try left.unary { ct_add_scalar($0, right, $1) }
    }

    public static func - (left: Tensor, right: Double) throws(TorchError) -> Tensor {
        try left.unary { ct_add_scalar($0, -right, $1) }
    }

    public static func - (left: Double, right: Tensor) throws(TorchError) -> Tensor {
        try right.unary { ct_subtract_from_scalar($0, left, $1) }
    }

    public static func * (left: Tensor, right: Double) throws(TorchError) -> Tensor {
        try left.unary { ct_multiply_scalar($0, right, $1) }
    }

    public static func * (left: Double, right: Tensor) throws(TorchError) -> Tensor { try right * left }

    public static func / (left: Tensor, right: Double) throws(TorchError) -> Tensor {
        try left.unary { ct_divide_scalar($0, right, $1) }
    }

    public static prefix func - (tensor: Tensor) throws(TorchError) -> Tensor { try tensor.unary(ct_negative) }

    public func exp() throws(TorchError) -> Tensor { try unary(ct_exp) }

    /// Natural logarithm.
    public func log() throws(TorchError) -> Tensor { try unary(ct_log) }

    public func sqrt() throws(TorchError) -> Tensor { try unary(ct_sqrt) }

    public func square() throws(TorchError) -> Tensor { try unary(ct_square) }

    public func reciprocal() throws(TorchError) -> Tensor { try unary(ct_reciprocal) }

    public func clamped(_ range: ClosedRange<Double>) throws(TorchError) -> Tensor {
        try unary { ct_clamp($0, range.lowerBound, range.upperBound, $1) }
    }

    public func clampMin(_ minimum: Double) throws(TorchError) -> Tensor { try unary { ct_clamp_min($0, minimum, $1) } }

    public func tanh() throws(TorchError) -> Tensor { try unary(ct_tanh) }

    public func sigmoid() throws(TorchError) -> Tensor { try unary(ct_sigmoid) }

    public func relu() throws(TorchError) -> Tensor { try unary(ct_relu) }

    /// x where it is above 0, else slope · x.
    public func leakyRelu(slope: Double = 0.01) throws(TorchError) -> Tensor {
        try unary { ct_leaky_relu($0, slope, $1) }
    }

    /// x·Φ(x) by the error function, not its tanh approximation.
    public func gelu() throws(TorchError) -> Tensor { try unary(ct_gelu) }

    /// x·sigmoid(x)
    public func silu() throws(TorchError) -> Tensor { try unary(ct_silu) }

    /// A copy with `value` wherever the mask (bool) is true.
    public func maskedFill(_ mask: Tensor, _ value: Double) throws(TorchError) -> Tensor {
        try binary(mask) { ct_masked_fill($0, $1, value, $2) }
    }

    /// `left` wherever the condition (bool) is true, `right` elsewhere.
    public static func `where`(_ condition: Tensor, _ left: Tensor, _ right: Tensor) throws(TorchError) -> Tensor {
        try withExtendedLifetime((condition, left, right)) { () throws(TorchError) in
            try make("where(_:_:_:)") { ct_where(condition.handle, left.handle, right.handle, $0) }
        }
    }
}
