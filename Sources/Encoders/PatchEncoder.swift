/// Turns patches into features. One encoder serves several threads at once.
public protocol PatchEncoder: Sendable {
    /// Part of the feature folder's name.
    var name: String { get }
    /// SHA-256 of the weights, lower-case hexadecimal.
    var digest: String { get }
    /// Numbers per patch.
    var dim: Int { get }
    /// Side in pixels that a patch should have; another side is resampled.
    var inputSize: Int { get }
    /// Microns per pixel that a patch should have.
    var targetMPP: Double { get }

    /// - Parameter pixels: `count` patches [count, side, side, 3], red, green, blue.
    /// - Returns: features [count, dim], row-major.
    func encode(pixels: UnsafeRawBufferPointer, count: Int, side: Int) throws -> [Float]
}
