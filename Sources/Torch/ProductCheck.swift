/// The product of two matrices of known numbers on a device: how far it is from the right one, and how fast.
public struct ProductCheck: Equatable, Sendable {
    /// Largest difference from sums in fp64 on this processor, as a share of the largest of them; nil where one is no number.
    public let error: Double?
    /// Multiplications and additions of a second.
    public let rate: Double

    /// The largest error that is right. The numbers of bf16 are exact in it, so that its one error is the rounding of results and of
    /// partial sums (2^-8 each); those of fp32 have 24 bits, so that products by way of TF32 would be seen.
    public static func bound(of dtype: DType) -> Double { dtype == .bfloat16 ? 1e-2 : 2e-5 }

    /// Of matrices so small that it takes no time.
    /// - Throws: `TorchError` where the device does not compute, or the product is wrong.
    static func judge(
        _ dtype: DType,
        on device: Device,
        product: (Tensor, Tensor) throws(TorchError) -> Tensor = { (one, other) throws(TorchError) in
            try one.matmul(other)
        }
    ) throws(TorchError) {
        let error = try ProductCheck(of: dtype, on: device, size: 16, seconds: 0, product: product).error
        if let error, error <= bound(of: dtype) { return }
        let found = error.map { "is off by \($0) of its largest number" } ?? "has numbers that are none"
        throw TorchError("ProductCheck", "this CUDA device multiplies wrongly: a product in \(dtype) \(found)")
    }

    /// - Parameters:
    ///   - dtype: `.float32` or `.bfloat16`.
    ///   - size: n of [n, n] × [n, n].
    ///   - seconds: that are measured, roughly.
    ///   - product: what multiplies; another one in tests.
    /// - Throws: `TorchError` where the device does not compute.
    public init(
        of dtype: DType,
        on device: Device,
        size: Int,
        seconds: Double = 0.25,
        product: (Tensor, Tensor) throws(TorchError) -> Tensor = { (one, other) throws(TorchError) in
            try one.matmul(other)
        }
    ) throws(TorchError) {
        let bits = dtype == .bfloat16 ? 8 : 24
        let (left, right) = (Self.numbers(size * size, bits, key: 1), Self.numbers(size * size, bits, key: 2))
        let one = try Tensor(left, shape: [size, size], on: device).to(dtype)
        let other = try Tensor(right, shape: [size, size], on: device).to(dtype)
        // Rows from all over the result: each is of another part of the device.
        let rows = (0..<min(8, size)).map { $0 * (size - 1) / max(1, min(8, size) - 1) }
        let found = try product(one, other).indexSelect(dim: 0, rows).floats()
        error = Self.error(found, Self.sums(left, right, rows: rows, size: size))

        let clock = ContinuousClock()
        func time(_ count: Int) throws(TorchError) -> Double {
            let start = clock.now
            var last = one
            for _ in 0..<count { last = try product(one, other) }
            // Reading a number waits for the device.
            _ = try last.indexSelect(dim: 0, [0]).floats()
            return max(1e-9, (clock.now - start) / .seconds(1))
        }
        let count = max(1, min(2000, Int(seconds / (try time(1)))))
        rate = 2 * Double(size) * Double(size) * Double(size) * Double(count) / (try time(count))
    }

    /// Numbers from -1 to 1 of so many bits, which follow from the key.
    private static func numbers(_ count: Int, _ bits: Int, key: UInt64) -> [Float] {
        let scale = Float(sign: .plus, exponent: 1 - bits, significand: 1)
        var state = key
        return (0..<count).map { _ in
            // SplitMix64 (Steele, Lea and Flood 2014).
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Float(Int64(bitPattern: mixed ^ (mixed >> 31)) >> (64 - bits)) * scale
        }
    }

    /// The rows [rows, size] of the product, row-major.
    private static func sums(_ left: [Float], _ right: [Float], rows: [Int], size: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: rows.count * size)
        sums.withUnsafeMutableBufferPointer { sums in
            right.withUnsafeBufferPointer { right in
                for (place, row) in rows.enumerated() {
                    for inner in 0..<size {
                        let factor = Double(left[row * size + inner])
                        let (from, to) = (inner * size, place * size)
                        for column in 0..<size { sums[to + column] += factor * Double(right[from + column]) }
                    }
                }
            }
        }
        return sums
    }

    private static func error(_ found: [Float], _ right: [Double]) -> Double? {
        guard found.count == right.count, found.allSatisfy(\.isFinite) else { return nil }
        let largest = right.reduce(0) { max($0, abs($1)) }
        return largest > 0 ? zip(found, right).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest : nil
    }
}
