import Torch

/// Squares of pixels that become tokens by one layer.
struct PatchEmbedding {
    private let patch: Int
    private let layer: FrozenLinear

    /// - Parameters:
    ///   - name: of the convolution that the layer is in files.
    ///   - patch: side of the squares.
    init(_ name: String, patch: Int, width: Int, _ weights: inout NamedWeights) throws {
        self.patch = patch
        layer = try FrozenLinear(
            weight: weights.tensor(
                weights.take("\(name).weight", [width, 3, patch, patch]),
                [width, 3 * patch * patch]
            ),
            bias: weights.tensor(weights.take("\(name).bias", [width]), [width])
        )
    }

    /// Images [B, 3, side, side] to tokens [B, (side / patch)², width], row by row.
    func callAsFunction(_ images: Tensor) throws(TorchError) -> Tensor {
        let (count, grid) = (images.shape[0], images.shape[2] / patch)
        let pixels = try images.reshape([count, 3, grid, patch, grid, patch])
            .permute([0, 2, 4, 1, 3, 5]).reshape([count, grid * grid, 3 * patch * patch])
        return try layer(pixels)
    }
}
