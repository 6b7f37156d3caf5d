/// How far features are from those that are right.
public struct FeatureDifference: Codable, Equatable, Sendable {
    /// The largest difference of a feature.
    public let absolute: Double
    /// The same as a share of the largest magnitude of an expected feature.
    public let relative: Double
    /// Cosine of the angle between a patch's features and the expected ones: the smallest of all patches. 1 where all are 0.
    public let cosine: Double

    /// - Parameters:
    ///   - found: [patches, dim], row-major; `expected` likewise.
    ///   - dim: numbers of a patch.
    public init(_ found: [Float], from expected: [Float], dim: Int) {
        let pairs = zip(found, expected).map { (Double($0), Double($1)) }
        func largest(_ values: some Sequence<Double>) -> Double { values.map(abs).max() ?? 0 }
        absolute = largest(pairs.map { $0 - $1 })
        relative = absolute == 0 ? 0 : absolute / largest(pairs.map(\.1))
        cosine =
            stride(from: 0, to: pairs.count, by: dim).map { Self.cosine(pairs[$0..<min($0 + dim, pairs.count)]) }
            .min() ?? 0
    }

    private static func cosine(_ pairs: ArraySlice<(Double, Double)>) -> Double {
        func sum(_ term: (Double, Double) -> Double) -> Double { pairs.reduce(0) { $0 + term($1.0, $1.1) } }
        let lengths = (sum { found, _ in found * found } * sum { $1 * $1 }).squareRoot()
        // Two patches without any feature are alike.
        return lengths > 0 ? sum { $0 * $1 } / lengths : pairs.allSatisfy { $0.0 == $0.1 } ? 1 : 0
    }
}
