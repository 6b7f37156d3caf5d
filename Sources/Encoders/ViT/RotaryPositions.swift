import Config
import Foundation
import Torch

/// Two-dimensional rotary positions (Su et al. 2021) as DINOv3 has them: every head's numbers turn in pairs, half of them by
/// angles of the patch's row, half by those of its column. Class and register tokens are left alone.
///
/// Rows and columns run from -1 to 1 over the image whatever its side; wavelengths run from 1 to `base` of it.
struct RotaryPositions {
    private let prefix: Int
    /// [grid², numbers of a head] each.
    private let cosines, sines: Tensor

    /// - Returns: nil where the architecture has none.
    init?(_ architecture: ViTArchitecture, grid: Int, _ weights: NamedWeights) throws {
        guard let base = architecture.rope else { return nil }
        prefix = architecture.prefixTokens
        let width = architecture.width / architecture.heads
        let quarter = width / 4
        let frequencies = (0..<quarter).map { pow(base, -Double($0) / Double(quarter)) }
        let places = (0..<grid).map { 2 * (Double($0) + 0.5) / Double(grid) - 1 }
        let angles = places.flatMap { row in
            places.flatMap { column in
                let half = [row, column].flatMap { place in frequencies.map { 2 * Double.pi * place * $0 } }
                return half + half
            }
        }
        cosines = try weights.tensor(angles.map { Float(cos($0)) }, [grid * grid, width])
        sines = try weights.tensor(angles.map { Float(sin($0)) }, [grid * grid, width])
    }

    /// - Parameter tokens: queries or keys [B, heads, T, numbers of a head].
    func callAsFunction(_ tokens: Tensor) throws(TorchError) -> Tensor {
        let (length, width) = (tokens.shape[2], tokens.shape[3])
        let patches = try tokens.narrow(dim: 2, start: prefix, length: length - prefix)
        let first = try patches.narrow(dim: 3, start: 0, length: width / 2)
        let second = try patches.narrow(dim: 3, start: width / 2, length: width / 2)
        let turned = try Tensor.concatenated([-second, first], dim: 3)
        guard prefix > 0 else { return try patches * cosines + turned * sines }
        return try Tensor.concatenated(
            [tokens.narrow(dim: 2, start: 0, length: prefix), patches * cosines + turned * sines],
            dim: 2
        )
    }
}
