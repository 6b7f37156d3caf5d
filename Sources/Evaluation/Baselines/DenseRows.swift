/// Rows of numbers `[count, width]`, one below the other. Sums are taken in one fixed order, so that equal rows give equal bits.
struct DenseRows {
    let count: Int
    let width: Int
    private(set) var values: [Double]

    /// - Parameter rows: all of one width.
    init(_ rows: [[Double]], width: Int) {
        count = rows.count
        self.width = width
        values = []
        values.reserveCapacity(count * width)
        for row in rows { values += row }
    }

    init(count: Int, width: Int, values: [Double]) { (self.count, self.width, self.values) = (count, width, values) }

    subscript(row: Int) -> [Double] { Array(values[row * width..<(row + 1) * width]) }

    /// Each row's product with a vector of `width` numbers.
    func times(_ vector: [Double]) -> [Double] {
        values.withUnsafeBufferPointer { values in
            vector.withUnsafeBufferPointer { vector in
                (0..<count).map { Self.dot(values, $0 * width, vector, 0, width) }
            }
        }
    }

    /// The sum of the rows, each as often as its number of `count` says.
    func sum(_ weights: [Double]) -> [Double] {
        var sum = [Double](repeating: 0, count: width)
        sum.withUnsafeMutableBufferPointer { sum in
            values.withUnsafeBufferPointer { values in
                for (row, weight) in weights.enumerated() where weight != 0 {
                    let start = row * width
                    for column in 0..<width { sum[column] += weight * values[start + column] }
                }
            }
        }
        return sum
    }

    /// The product of every row with every one of others as wide, `[count, others.count]`.
    func products(with others: DenseRows) -> DenseRows {
        var made = [Double](repeating: 0, count: count * others.count)
        made.withUnsafeMutableBufferPointer { made in
            values.withUnsafeBufferPointer { own in
                others.values.withUnsafeBufferPointer { other in
                    // By blocks of the others, which then stay in the cache.
                    for block in stride(from: 0, to: others.count, by: 16) {
                        for row in 0..<count {
                            for place in block..<min(block + 16, others.count) {
                                made[row * others.count + place] = Self.dot(
                                    own,
                                    row * width,
                                    other,
                                    place * width,
                                    width
                                )
                            }
                        }
                    }
                }
            }
        }
        return DenseRows(count: count, width: others.count, values: made)
    }

    func mapped(_ change: (_ row: Int, _ column: Int, _ value: Double) -> Double) -> DenseRows {
        var made = self
        for place in values.indices { made.values[place] = change(place / width, place % width, values[place]) }
        return made
    }

    /// Eight sums beside each other, which the machine can add at once.
    static func dot(
        _ left: UnsafeBufferPointer<Double>,
        _ leftStart: Int,
        _ right: UnsafeBufferPointer<Double>,
        _ rightStart: Int,
        _ count: Int
    ) -> Double {
        var sums = SIMD8<Double>(repeating: 0)
        var place = 0
        guard let left = left.baseAddress, let right = right.baseAddress else { return 0 }
        let (one, other) = (UnsafeRawPointer(left + leftStart), UnsafeRawPointer(right + rightStart))
        let stride = MemoryLayout<Double>.stride
        while place + 8 <= count {
            sums +=
                one.loadUnaligned(fromByteOffset: place * stride, as: SIMD8<Double>.self)
                * other.loadUnaligned(fromByteOffset: place * stride, as: SIMD8<Double>.self)
            place += 8
        }
        var sum = sums.sum()
        while place < count {
            sum += left[leftStart + place] * right[rightStart + place]
            place += 1
        }
        return sum
    }

    static func dot(_ left: [Double], _ right: [Double]) -> Double {
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { dot(left, 0, $0, 0, min(left.count, $0.count)) }
        }
    }
}
