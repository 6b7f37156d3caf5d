public import Config
import Records
public import Storage

/// Whether an encoder gives its golden patch the features that came with it.
public struct GoldenCheck: Equatable, Sendable {
    /// From the features that came with it.
    public let difference: FeatureDifference

    /// In fp32 no feature may differ by more than this share of the largest expected one: other kernels and orders of
    /// summation give 1e-5, a channel out of order more than 1e-2.
    public static let allowedDifference = 1e-3
    /// In bf16, whose numbers have three digits, the cosine must reach this.
    public static let wantedCosine = 0.999

    /// - Throws: `EncoderError`, with `.check` where the features differ.
    public init(_ encoder: FrozenEncoder, _ golden: GoldenPatch) throws {
        let found = try golden.pixels.withUnsafeBytes { try encoder.encode(pixels: $0, count: 1, side: golden.side) }
        difference = FeatureDifference(found, from: golden.features, dim: encoder.dim)
        let holds =
            encoder.precision == .bf16
            ? difference.cosine >= Self.wantedCosine : difference.relative <= Self.allowedDifference
        guard holds else {
            throw EncoderError.check(
                name: encoder.name,
                difference: difference.relative,
                cosine: difference.cosine
            )
        }
    }
}
