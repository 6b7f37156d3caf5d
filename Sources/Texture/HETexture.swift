/// `he-texture-v1`: 256 numbers for an H&E patch from colour, local binary patterns, gradients and nucleus-like maxima, with no
/// trained weights.
///
/// The same pixels give the same bits on every machine: planes and sums are integers, and floating point enters only as
/// + − × ÷ √ of finished sums in a fixed order. Any change of a constant or definition is `he-texture-v2`.
///
/// Designed for 0.5 µm per pixel and sides of 224–256. Nothing is resampled; every number is a mean, a fraction, a quantile or a
/// density, so it does not depend on the side beyond sampling. Rotations by 90° and mirror images give the same bits where the
/// side is a multiple of 32; other sides lose up to seven rows and columns on coarse levels. The numbers have different ranges and
/// are strongly correlated: standardise them on the training set.
///
/// | dimensions | content | room |
/// |---|---|---|
/// | 0–31 | h, e, residual, od: mean, sd, skew, quantiles | `ColourStatistics` |
/// | 32–39 | correlations; area fractions | `StainRelations` |
/// | 40–75 | joint histogram of h and e | `StainRelations` |
/// | 76–195 | local binary patterns of h and e on levels 0–2 | `LocalBinaryPatterns` |
/// | 196–235 | gradient, coherence and Laplacian of h and e on levels 0–3 | `GradientStatistics` |
/// | 236–247 | gradients of gradients of h and e | `GradientStatistics` |
/// | 248–255 | maxima of h on levels 0–3 | `NucleusMaxima` |
public enum HETexture {
    /// The encoder's name in files and on the command line.
    public static let name = "he-texture-v1"

    /// Numbers per patch.
    public static let dimension = 256

    /// Sides in pixels that a patch may have.
    public static let sides = 32...4096

    /// A name for each dimension, for column heads: `h` haematoxylin, `e` eosin, `od` mean optical density, `l0` pyramid
    /// level 0, `q05` the 5 % quantile. All densities are in optical density (decimal logarithm).
    public static let names: [String] =
        ColourStatistics.names + StainRelations.names + LocalBinaryPatterns.names + GradientStatistics.firstOrderNames
        + GradientStatistics.secondOrderNames + NucleusMaxima.names

    /// The 256 numbers of one patch of side × side interleaved RGB pixels. For many patches use `HETextureWorkspace`, which
    /// keeps its memory.
    public static func features(of pixels: UnsafeBufferPointer<UInt8>, side: Int) -> [Float] {
        let workspace = HETextureWorkspace(side: side)
        return [Float](unsafeUninitializedCapacity: dimension) { values, initialized in
            workspace.describe(pixels, into: UnsafeMutableBufferPointer(rebasing: values[..<dimension]))
            initialized = dimension
        }
    }

    /// The numbers of `count` patches that lie one after another, `[count, 256]` row-major.
    public static func features(ofPatches pixels: [UInt8], count: Int, side: Int) -> [Float] {
        let workspace = HETextureWorkspace(side: side)
        let stride = 3 * side * side
        precondition(pixels.count == count * stride, "\(count) patches of side \(side) are \(count * stride) bytes")
        return [Float](unsafeUninitializedCapacity: count * dimension) { values, initialized in
            pixels.withUnsafeBufferPointer { bytes in
                for patch in 0..<count {
                    let row = values[patch * dimension..<(patch + 1) * dimension]
                    workspace.describe(
                        UnsafeBufferPointer(rebasing: bytes[patch * stride..<(patch + 1) * stride]),
                        into: UnsafeMutableBufferPointer(rebasing: row)
                    )
                }
            }
            initialized = count * dimension
        }
    }
}
