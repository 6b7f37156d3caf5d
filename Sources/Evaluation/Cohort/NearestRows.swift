public import Records

/// The rows that are nearest to one, among those of many slides that are shown one after the other: exact, and no more than the best
/// are kept.
///
/// Sums in fp32 bound the distance of each row from below; of rows that may be among the best it is then computed in fp64. So numbers
/// far from 0 lose no digits of their differences.
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
    /// How far an fp32 product of two rows may be from the true one, as a share of the product of their lengths: each sum is of
    /// width / 16 numbers, those of what is left and of the sixteen sums besides (Higham, Accuracy and Stability of Numerical
    /// Algorithms, 2002, section 3.1).
    private let error: Double
    private let count: Int
    /// In ascending order of distance, of equal ones the first that was shown.
    public private(set) var found: [Found] = []
    /// Rows that were looked at and have a distance.
    public private(set) var compared = 0

    /// - Parameter count: how many are wanted.
    public init(_ query: [Float], _ measure: Measure, count: Int) {
        (self.query, self.measure, self.count) = (query, measure, max(1, count))
        squares = query.withUnsafeBufferPointer { FloatRows.dot($0, 0, $0, 0, query.count) }
        error = Double(query.count / 16 + 40) * 0x1p-23
    }

    /// Looks at the rows of a slide; a row with a number that is not finite is passed over, and by cosine one of zeros.
    /// - Parameters:
    ///   - features: row-major, each row as wide as the query.
    ///   - leavingOut: a row that is not looked at, such as the query itself.
    public mutating func look(at slide: SlideID, _ features: [Float], leavingOut: Int? = nil) {
        let width = query.count
        guard width > 0 else { return }
        features.withUnsafeBufferPointer { features in
            for row in 0..<(features.count / width) where row != leavingOut {
                let start = row * width
                let own = FloatRows.dot(features, start, features, start, width)
                let dot = query.withUnsafeBufferPointer { FloatRows.dot(features, start, $0, 0, width) }
                let least = lowest(dot, own)
                let isFull = found.count == count
                if let least, isFull, least > found[count - 1].distance {
                    compared += 1
                    continue
                }
                let distance = exact(features, start)
                guard distance.isFinite else { continue }
                compared += 1
                guard !isFull || distance < found[count - 1].distance else { continue }
                let place = found.firstIndex { $0.distance > distance } ?? found.count
                found.insert(Found(slide: slide, row: row, distance: distance), at: place)
                if found.count > count { found.removeLast() }
            }
        }
    }

    /// What the distance is not below; nil where fp32 cannot say.
    private func lowest(_ dot: Float, _ own: Float) -> Double? {
        // Smaller squares lose digits as they near the smallest number, larger ones do not fit.
        let sure: ClosedRange<Float> = 1e-20...1e30
        guard sure.contains(own), sure.contains(squares) else { return nil }
        let (left, right, product) = (Double(own), Double(squares), Double(dot))
        switch measure {
        case .cosine: return 1 - product / (left * right).squareRoot() - 3 * error
        case .euclid: return max(0, left + right - 2 * product - 3 * error * (left + right)).squareRoot()
        }
    }

    /// Of the row that begins there; not finite where there is none.
    private func exact(_ features: UnsafeBufferPointer<Float>, _ start: Int) -> Double {
        var (dot, left, right, apart) = (0.0, 0.0, 0.0, 0.0)
        for (place, number) in query.enumerated() {
            let (one, other) = (Double(features[start + place]), Double(number))
            dot += one * other
            left += one * one
            right += other * other
            apart += (one - other) * (one - other)
        }
        // Squares of finite fp32 numbers are finite here.
        guard left.isFinite, right.isFinite else { return .infinity }
        switch measure {
        case .cosine:
            let length = left.squareRoot() * right.squareRoot()
            return length > 0 ? max(0, 1 - dot / length) : .infinity
        case .euclid: return apart.squareRoot()
        }
    }
}
