/// Rows of fp32 numbers, one below the other.
enum FloatRows {
    /// The product of two rows that begin at these places: sixteen sums beside each other, in one fixed order.
    static func dot(
        _ left: UnsafeBufferPointer<Float>,
        _ leftStart: Int,
        _ right: UnsafeBufferPointer<Float>,
        _ rightStart: Int,
        _ count: Int
    ) -> Float {
        guard let left = left.baseAddress, let right = right.baseAddress else { return 0 }
        let (one, other) = (UnsafeRawPointer(left + leftStart), UnsafeRawPointer(right + rightStart))
        let stride = MemoryLayout<Float>.stride
        var sums = SIMD16<Float>(repeating: 0)
        var place = 0
        while place + 16 <= count {
            sums +=
                one.loadUnaligned(fromByteOffset: place * stride, as: SIMD16<Float>.self)
                * other.loadUnaligned(fromByteOffset: place * stride, as: SIMD16<Float>.self)
            place += 16
        }
        var sum = sums.sum()
        while place < count {
            sum += left[leftStart + place] * right[rightStart + place]
            place += 1
        }
        return sum
    }
}
