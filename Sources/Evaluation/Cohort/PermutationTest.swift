public import Records

/// A figure beside what it is where a column is dealt anew among cases.
public struct PermutationTest: Codable, Equatable, Sendable {
    public var value: Double
    /// Mean and upper 95 % of the figure of permuted columns.
    public var nullMean: Double
    public var nullHigh: Double
    public var permutations: Int
    /// (1 + permuted figures that are as large) / (1 + permutations).
    public var p: Double
    /// After Holm, over every test of the report.
    public var adjusted: Double?

    enum CodingKeys: String, CodingKey {
        case value, permutations, p
        case nullMean = "null_mean"
        case nullHigh = "null_high"
        case adjusted = "p_holm"
    }

    /// After these a test is over where it says nothing: none that stops would be below 0.05 with more.
    static let first = 99
    private static let enough = 5

    /// Permutes in two steps. Where five of the first 99 figures reach the true one, p is above 0.05 and stays as it is; a test that
    /// goes on is that of all permutations. What is below 0.05 is so with all of them, so that the stop makes no finding.
    /// - Parameters:
    ///   - value: of no permutation.
    ///   - permuted: the figure with the rows' values taken from other rows; nil counts as one that is as large.
    public init(
        _ value: Double,
        _ shuffle: CaseShuffle,
        permutations: Int,
        _ random: CounterRandom,
        permuted: ([Int]) -> Double?
    ) {
        var random = random
        var figures: [Double] = []
        var reached = 0
        var drawn = 0
        func draw(to count: Int) {
            while drawn < count {
                drawn += 1
                let figure = permuted(shuffle.places(&random))
                if let figure { figures.append(figure) }
                // Sums in another order differ in their last bits.
                if figure.map({ $0 >= value - 1e-12 }) ?? true { reached += 1 }
            }
        }
        draw(to: min(permutations, Self.first))
        if reached < Self.enough { draw(to: permutations) }
        self.value = value
        self.permutations = drawn
        p = Double(1 + reached) / Double(1 + drawn)
        figures.sort()
        nullMean = figures.isEmpty ? value : figures.reduce(0, +) / Double(figures.count)
        nullHigh = figures.isEmpty ? value : figures[min(figures.count - 1, figures.count * 95 / 100)]
    }
}

/// Holm's step-down adjustment (Scandinavian Journal of Statistics 6, 1979): the chance of one false finding among all is at most the
/// level that the adjusted numbers are held against.
public enum Holm {
    public static func adjusted(_ p: [Double]) -> [Double] {
        var adjusted = p
        var largest = 0.0
        for (rank, place) in p.indices.sorted(by: { (p[$0], $0) < (p[$1], $1) }).enumerated() {
            largest = max(largest, min(1, p[place] * Double(p.count - rank)))
            adjusted[place] = largest
        }
        return adjusted
    }
}
