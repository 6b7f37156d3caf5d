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

    /// Pairs of different cases, and those of one case that are the same slide twice; the nearest first.
    public let pairs: [Pair]
    /// Of all pairs, of slides with features.
    public let median: Double

    /// O(n²·D).
    /// - Parameters:
    ///   - digests: of each slide's rows of features; equal ones are the same slide.
    ///   - splits: whose parts tell which pairs leak.
    public init(_ slides: [SlideID], cases: [String], features: [[Double]], digests: [String], splits: [Split]) {
        guard slides.count > 1 else {
            (pairs, median) = ([], 0)
            return
        }
        let scaled = FeatureScaling(features)(features)
        var distances: [(one: Int, other: Int, square: Double)] = []
        distances.reserveCapacity(slides.count * (slides.count - 1) / 2)
        let values = scaled.values
        values.withUnsafeBufferPointer { values in
            let norms = slides.indices.map {
                DenseRows.dot(values, $0 * scaled.width, values, $0 * scaled.width, scaled.width)
            }
            for one in slides.indices {
                for other in slides.indices.dropFirst(one + 1) {
                    let dot = DenseRows.dot(values, one * scaled.width, values, other * scaled.width, scaled.width)
                    distances.append((one, other, max(0, norms[one] + norms[other] - 2 * dot)))
                }
            }
        }
        let squares = distances.map(\.square).sorted()
        let median = squares[squares.count / 2].squareRoot()
        self.median = median
        let parts = splits.map { split in
            let sides = [split.train, split.validation, split.test].enumerated()
            return Dictionary(
                sides.flatMap { side, own in own.map { ($0, side) } },
                uniquingKeysWith: { first, _ in first }
            )
        }
        func folds(_ one: SlideID, _ other: SlideID) -> [Int] {
            zip(splits, parts).compactMap { split, sides in
                guard let left = sides[one], let right = sides[other], left != right else { return nil }
                return split.fold
            }
        }
        let found = distances.compactMap { one, other, square -> Pair? in
            let isExact = digests[one] == digests[other]
            let share = isExact ? 0 : median > 0 ? square.squareRoot() / median : 1
            guard isExact || cases[one] != cases[other] && share < Self.threshold else { return nil }
            return Pair(
                slides: [slides[one], slides[other]],
                cases: [cases[one], cases[other]],
                isExact: isExact,
                distance: share,
                folds: folds(slides[one], slides[other])
            )
        }
        .sorted {
            ($0.distance, $0.slides[0].text, $0.slides[1].text) < ($1.distance, $1.slides[0].text, $1.slides[1].text)
        }
        pairs = Array(found.prefix(Self.most))
    }
}
