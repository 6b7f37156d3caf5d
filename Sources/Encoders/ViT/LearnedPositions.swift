import Config
import Torch

extension NamedWeights {
    /// The rows of `pos_embed`.
    /// - Parameter grid: patches along a side of the input.
    /// - Returns: those of class and register tokens, if there are any, and those of the patches [grid², width], brought
    ///   to the grid where the architecture says how.
    /// - Throws: `EncoderError.unsuitable` for a tensor that is missing, or of no square grid.
    mutating func positions(
        _ architecture: ViTArchitecture,
        grid: Int
    ) throws -> (prefix: [Float], patches: [Float]) {
        let (name, width) = ("pos_embed", architecture.width)
        let prefix = architecture.prefixPositions ? architecture.prefixTokens : 0
        var side = grid
        if architecture.positionResize != nil, let shape = shape(of: name), shape.count == 3, shape[1] > prefix {
            let found = Int(Double(shape[1] - prefix).squareRoot())
            if found * found == shape[1] - prefix { side = found }
        }
        let rows = try take(name, [1, side * side + prefix, width])
        let patches = Array(rows.dropFirst(prefix * width))
        let resized = try architecture.positionResize.map {
            try $0.apply(patches, from: side, to: grid, width: width)
        }
        return (Array(rows.prefix(prefix * width)), resized ?? patches)
    }
}

extension ViTArchitecture.PositionResize {
    /// [side², width] to [grid², width].
    fileprivate func apply(_ rows: [Float], from side: Int, to grid: Int, width: Int) throws(TorchError) -> [Float] {
        guard side != grid else { return rows }
        let maps = try Tensor(rows, shape: [1, side, side, width]).permute([0, 3, 1, 2])
        let resized =
            switch self {
            case .timm: try maps.resizedBicubic(to: grid, antialias: true)
            case .transformers: try maps.resizedBicubic(to: grid, antialias: false)
            case .dinov2:
                try maps.resizedBicubic(to: grid, factor: (Double(grid) + 0.1) / Double(side), antialias: false)
            }
        return try resized.permute([0, 2, 3, 1]).floats()
    }
}
