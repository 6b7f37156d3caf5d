public import Records

/// Slides whose features are the same, or nearer to each other than slides of a cohort are.
public struct NearDuplicates: Sendable {
    public struct Pair: Codable, Equatable, Sendable {
        public var slides: [SlideID]
        public var cases: [String]
        /// Whether every number of every patch is the same.
        public var isExact: Bool
        /// Between the slides' standardised mean features, as a share of the cohort's median distance; 0 where they are the same.
        public var distance: Double
        /// Folds in which the slides stand in different parts.
        public var folds: [Int]

        enum CodingKeys: String, CodingKey {
            case slides, cases, distance, folds
            case isExact = "is_exact"
        }
    }

    /// Pairs of slides that are nearer than this share of the cohort's median distance are told.
    public static let threshold = 0.05
    /// More are not listed.
    public static let most = 200
    /// O(n²): of more slides distances would take hours, and those that are the same are found alone.
    public static let mostMeasured = 5000

    /// Pairs of different cases, and those of one case that are the same slide twice, as many as are listed: those that leak first, of
    /// them the nearest.
    public let pairs: [Pair]
    /// All pairs, listed or not.
    public let count: Int
    /// Of them those that stand in different parts of a fold.
    public let leaking: Int
    /// Of all pairs, of slides with features; nil where distances are not measured.
    public let median: Double?

    /// O(n²·D).
    /// - Parameters:
    ///   - digests: of each slide's rows of features; equal ones are the same slide.
    ///   - splits: whose parts tell which pairs leak.
    ///   - most: slides whose distances are measured, at most.
    public init(
        _ slides: [SlideID],
        cases: [String],
        features: [[Double]],
        digests: [String],
        splits: [Split],
        upTo most: Int = NearDuplicates.mostMeasured
    ) {
        let parts = splits.map { split in
            let sides = [split.train, split.validation, split.test].enumerated()
            return Dictionary(
                sides.flatMap { side, own in own.map { ($0, side) } },
                uniquingKeysWith: { first, _ in first }
            )
        }
        func pair(_ one: Int, _ other: Int, isExact: Bool, _ distance: Double) -> Pair {
            let both = [slides[one], slides[other]]
            let folds = zip(splits, parts).compactMap { split, sides -> Int? in
                guard let left = sides[both[0]], let right = sides[both[1]], left != right else { return nil }
                return split.fold
            }
            return Pair(
                slides: both,
                cases: [cases[one], cases[other]],
                isExact: isExact,
                distance: distance,
                folds: folds
            )
        }
        var found: [Pair] = []
        for same in Dictionary(grouping: slides.indices, by: { digests[$0] }).values where same.count > 1 {
            for (place, one) in same.enumerated() {
                found += same.dropFirst(place + 1).map { pair(one, $0, isExact: true, 0) }
            }
        }
        if slides.count > 1, slides.count <= most {
            let distances = Self.distances(features)
            let squares = distances.map(\.square).sorted()
            let median = squares[squares.count / 2].squareRoot()
            for (one, other, square) in distances where cases[one] != cases[other] && digests[one] != digests[other] {
                let share = median > 0 ? square.squareRoot() / median : 1
                if share < Self.threshold { found.append(pair(one, other, isExact: false, share)) }
            }
            self.median = median
        } else {
            median = nil
        }
        found.sort {
            ($0.folds.isEmpty ? 1 : 0, $0.distance, $0.slides[0].text, $0.slides[1].text)
                < ($1.folds.isEmpty ? 1 : 0, $1.distance, $1.slides[0].text, $1.slides[1].text)
        }
        (count, leaking) = (found.count, found.count { !$0.folds.isEmpty })
        pairs = Array(found.prefix(Self.most))
    }

    /// Of every pair, between standardised features.
    private static func distances(_ features: [[Double]]) -> [(one: Int, other: Int, square: Double)] {
        let scaled = FeatureScaling(features)(features)
        var distances: [(one: Int, other: Int, square: Double)] = []
        distances.reserveCapacity(features.count * (features.count - 1) / 2)
        let (values, width) = (scaled.values, scaled.width)
        values.withUnsafeBufferPointer { values in
            let norms = features.indices.map { DenseRows.dot(values, $0 * width, values, $0 * width, width) }
            for one in features.indices {
                for other in features.indices.dropFirst(one + 1) {
                    let dot = DenseRows.dot(values, one * width, values, other * width, width)
                    distances.append((one, other, max(0, norms[one] + norms[other] - 2 * dot)))
                }
            }
        }
        return distances
    }
}
