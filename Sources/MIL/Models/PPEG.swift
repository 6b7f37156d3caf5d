import Torch

/// TransMIL's position encoding: patch tokens are laid row by row into a square, and what depthwise convolutions of three
/// sizes see around each is added to it.
struct PPEG {
    private let convolutions: [(weight: Parameter, bias: Parameter, side: Int)]
    let minimumSide: Int
    /// D
    let width: Int

    /// - Parameter minimumSide: a smaller square grows to this one by tokens of 0 at its end; 1: none grows.
    init(
        _ name: String,
        width: Int,
        minimumSide: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        (self.minimumSide, self.width) = (minimumSide, width)
        convolutions = try [("proj", 7), ("proj1", 5), ("proj2", 3)].map { part, side in
            (
                weight: try source.convolution("\(name).\(part).weight", shape: [width, 1, side, side], on: device),
                bias: try source.convolution("\(name).\(part).bias", shape: [width], fanIn: side * side, on: device),
                side: side
            )
        }
    }

    var device: Device { convolutions[0].weight.tensor.device }

    var parameters: [Parameter] { convolutions.flatMap { [$0.weight, $0.bias] } }

    /// Patch tokens `[N, D]` → `[N, D]`.
    func callAsFunction(_ patches: Tensor) throws -> Tensor {
        let count = patches.shape[0]
        var square = try Self.squared(patches)
        var side = Self.side(of: count)
        if side < minimumSide {
            let missing = minimumSide * minimumSide - side * side
            square = try Tensor.concatenated([square, Tensor.zeros([missing, width], on: patches.device)], dim: 0)
            side = minimumSide
        }
        let grid = try square.transpose(0, 1).reshape([1, width, side, side])
        return try summed(grid).reshape([width, side * side]).transpose(0, 1).narrow(dim: 0, start: 0, length: count)
    }

    /// The grid `[1, D, lines, side]` and what its convolutions see.
    func summed(_ grid: Tensor) throws -> Tensor {
        var sum = grid
        for convolution in convolutions {
            let margin = convolution.side / 2
            sum =
                try sum
                + grid.conv2d(
                    convolution.weight.tensor,
                    convolution.bias.tensor,
                    padding: (margin, margin),
                    groups: width
                )
        }
        return sum
    }

    /// Side of the smallest square that holds `count` tokens.
    static func side(of count: Int) -> Int { Int(Double(count).squareRoot().rounded(.up)) }

    /// Tokens `[N, D]` with the first ones again at the end, until they fill a square.
    static func squared(_ tokens: Tensor) throws -> Tensor {
        let count = tokens.shape[0]
        let missing = side(of: count) * side(of: count) - count
        guard missing > 0 else { return tokens }
        return try Tensor.concatenated([tokens, tokens.narrow(dim: 0, start: 0, length: missing)], dim: 0)
    }
}
