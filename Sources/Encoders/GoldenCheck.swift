import Config
import Records
public import Storage

/// Whether an encoder gives its golden patch the features that came with it.
public struct GoldenCheck: Equatable, Sendable {
    /// Largest difference of a feature, as a share of the largest magnitude of an expected one.
    public let difference: Double
    /// Cosine of the angle between the features and the expected ones.
    public let cosine: Double

    /// In fp32 no feature may differ by more than this share of the largest expected one: other kernels and orders of
    /// summation give 1e-5, a channel out of order more than 1e-2.
    public static let allowedDifference = 1e-3
    /// In bf16, whose numbers have three digits, the cosine must reach this.
    public static let wantedCosine = 0.999

    /// - Throws: `EncoderError`, with `.check` where the features differ.
    public init(_ encoder: FrozenEncoder, _ golden: GoldenPatch) throws {
        let found = try golden.pixels.withUnsafeBytes { try encoder.encode(pixels: $0, count: 1, side: golden.side) }
        let pairs = zip(found, golden.features).map { (Double($0), Double($1)) }
        func sum(_ term: (Double, Double) -> Double) -> Double { pairs.reduce(0) { $0 + term($1.0, $1.1) } }
        let largest = pairs.map { abs($0.1) }.max() ?? 0
        difference = (pairs.map { abs($0.0 - $0.1) }.max() ?? .infinity) / largest
        cosine = sum { $0 * $1 } / (sum { found, _ in found * found } * sum { $1 * $1 }).squareRoot()
        let holds =
            encoder.precision == .bf16
            ? cosine >= Self.wantedCosine : difference <= Self.allowedDifference
        guard holds else {
            throw EncoderError.check(name: encoder.name, difference: difference, cosine: cosine)
        }
    }
}
