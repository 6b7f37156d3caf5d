import Torch

/// Two layers of Nyström attention around a position encoding, read at a class token: TransMIL's body and MHIM's.
struct NystromTransformer {
    struct Layer {
        let norm: LayerNorm
        let attention: NystromAttention

        init(_ name: String, _ shape: Shape, from source: some ParameterSource, on device: Device) throws {
            norm = try source.layerNorm("\(name).norm", width: shape.width, epsilon: 1e-5, on: device)
            attention = try NystromAttention(
                "\(name).attn",
                width: shape.width,
                heads: shape.heads,
                landmarks: shape.landmarks,
                dropout: shape.dropout,
                from: source,
                on: device
            )
        }

        var parameters: [Parameter] { norm.parameters + attention.parameters }
    }

    struct Shape {
        var width: Int
        var heads: Int
        var landmarks: Int
        /// Of the attention layers' output.
        var dropout: Double
    }

    /// What a pass leaves.
    struct Pass {
        /// The class token at the end, `[1, D]`.
        var bag: Tensor
        /// How the two layers saw their sequence; the first row is the class token.
        var first, second: NystromAttention.View
    }

    /// `[1, 1, D]`
    let classToken: Parameter
    let first, second: Layer
    let position: PPEG
    let norm: LayerNorm

    /// - Parameters:
    ///   - prefix: before all names, with its point.
    ///   - positionName: of the position encoding.
    ///   - minimumSide: of its square.
    ///   - deviation: of the class token's first values around 0.
    init(
        prefix: String,
        positionName: String,
        minimumSide: Int,
        deviation: Double,
        _ shape: Shape,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        let token = [1, 1, shape.width]
        let values = try source.values("\(prefix)cls_token", shape: token, .normal(deviation: deviation))
        classToken = try Parameter("\(prefix)cls_token", values, shape: token, on: device)
        first = try Layer("\(prefix)layer1", shape, from: source, on: device)
        second = try Layer("\(prefix)layer2", shape, from: source, on: device)
        position = try PPEG(
            "\(prefix)\(positionName)",
            width: shape.width,
            minimumSide: minimumSide,
            from: source,
            on: device
        )
        norm = try source.layerNorm("\(prefix)norm", width: shape.width, epsilon: 1e-5, on: device)
    }

    var parameters: [Parameter] {
        [classToken] + first.parameters + second.parameters + position.parameters + norm.parameters
    }

    /// Patch tokens `[N, D]` in the order in which they lie on the slide.
    func callAsFunction(_ patches: Tensor, _ draws: (any Draws)?) throws -> Pass {
        let (count, width) = (patches.shape[0], patches.shape[1])
        // Always in fp32: the pseudo-inverse wants all its digits.
        let patches = try patches.to(.float32)
        let token = try classToken.tensor.reshape([1, width])
        var sequence = try Tensor.concatenated([token, patches], dim: 0)
        let firstView = try first.attention.view(first.norm(sequence))
        sequence = try sequence + first.attention(firstView, rows: 0..<(count + 1), draws)
        let classRow = try sequence.narrow(dim: 0, start: 0, length: 1)
        let placed = try position(sequence.narrow(dim: 0, start: 1, length: count))
        sequence = try Tensor.concatenated([classRow, placed], dim: 0)
        let secondView = try second.attention.view(second.norm(sequence))
        // Only the class token is read after the last layer, so only its row is computed.
        let bag = try classRow + second.attention(secondView, rows: 0..<1, draws)
        return Pass(bag: try norm(bag), first: firstView, second: secondView)
    }

    /// The values of the first layer's patches, each times its attention from the class token, through the layer's own
    /// projection: what every patch alone brings to the bag, `[N, D]`.
    func contributions(_ pass: Pass, _ draws: (any Draws)?) throws -> Tensor {
        let attention = try pass.first.classAttention()
        let weighted = try pass.first.patchValues() * attention.unsqueeze(2)
        let (heads, count, width) = (weighted.shape[0], weighted.shape[1], weighted.shape[2])
        let merged = try weighted.transpose(0, 1).reshape([count, heads * width])
        return try first.attention.projected(merged, draws, "dropout.contributions")
    }
}
