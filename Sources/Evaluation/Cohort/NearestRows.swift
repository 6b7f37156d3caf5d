public import Records

/// The rows that are nearest to one, among those of many slides that are shown one after the other: exact, and no more than the best
/// are kept.
public struct NearestRows: Sendable {
    public enum Measure: String, CaseIterable, Sendable {
        /// One less the cosine of the angle between rows.
        case cosine
        /// The root of the summed squares of differences.
        case euclid
    }

    public struct Found: Codable, Equatable, Sendable {
        public var slide: SlideID
        /// In the slide's feature file.
        public var row: Int
        public var distance: Double
    }

    private let measure: Measure
    private let query: [Float]
    private let squares: Float
    private let count: Int
    /// In ascending order of distance, of equal ones the first that was shown.
    public private(set) var found: [Found] = []

    /// - Parameter count: how many are wanted.
    public init(_ query: [Float], _ measure: Measure, count: Int) {
        (self.query, self.measure, self.count) = (query, measure, max(1, count))
        squares = query.withUnsafeBufferPointer { Self.dot($0, 0, $0, 0, query.count) }
    }

    /// Looks at the rows of a slide; a row with a NaN is passed over.
    /// - Parameters:
    ///   - features: row-major, each row as wide as the query.
    ///   - leavingOut: a row that is not looked at, such as the query itself.
    public mutating func look(at slide: SlideID, _ features: [Float], leavingOut: Int? = nil) {
        let width = query.count
        guard width > 0 else { return }
        features.withUnsafeBufferPointer { features in
            query.withUnsafeBufferPointer { query in
                for row in 0..<(features.count / width) where row != leavingOut {
                    let dot = Self.dot(features, row * width, query, 0, width)
                    let own = Self.dot(features, row * width, features, row * width, width)
                    let distance = self.distance(dot, own)
                    guard distance.isFinite, found.count < count || distance < found[found.count - 1].distance else {
                        continue
                    }
                    let place = found.firstIndex { $0.distance > distance } ?? found.count
                    found.insert(Found(slide: slide, row: row, distance: distance), at: place)
                    if found.count > count { found.removeLast() }
                }
            }
        }
    }

    private func distance(_ dot: Float, _ own: Float) -> Double {
        switch measure {
        case .cosine:
            let length = (Double(own) * Double(squares)).squareRoot()
            return length > 0 ? max(0, 1 - Double(dot) / length) : .infinity
        case .euclid: return max(0, Double(own) + Double(squares) - 2 * Double(dot)).squareRoot()
        }
    }

    /// Sixteen sums beside each other, in one order.
    private static func dot(
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
