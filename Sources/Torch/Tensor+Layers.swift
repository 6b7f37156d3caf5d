import CTorch

/// Products, layers and losses.
extension Tensor {
    public func matmul(_ other: Tensor) throws(TorchError) -> Tensor { try binary(other, ct_matmul) }

    /// [B, n, m] · [B, m, p] → [B, n, p]
    public func bmm(_ other: Tensor) throws(TorchError) -> Tensor { try binary(other, ct_bmm) }

    /// x [N, in] · weightᵀ [in, out] + bias [out] → [N, out]
    public func linear(_ weight: Tensor, _ bias: Tensor? = nil) throws(TorchError) -> Tensor {
        try quaternary(weight, bias) { input, weight, bias, _, out in ct_linear(input, weight, bias, out) }
    }

    /// Over the last dimensions, which must be `shape`.
    public func layerNorm(
        _ shape: [Int],
        weight: Tensor? = nil,
        bias: Tensor? = nil,
        epsilon: Double = 1e-5
    ) throws(TorchError) -> Tensor {
        let sides = shape.map(Int64.init)
        return try quaternary(self, weight, bias) { input, _, weight, bias, out in
            ct_layer_norm(input, sides, sides.count, weight, bias, epsilon, out)
        }
    }

    /// [B, in, L] with weight [out, in / groups, k] → [B, out, L']
    public func conv1d(
        _ weight: Tensor,
        _ bias: Tensor? = nil,
        stride: Int = 1,
        padding: Int = 0,
        groups: Int = 1
    ) throws(TorchError) -> Tensor {
        try quaternary(weight, bias) { input, weight, bias, _, out in
            ct_conv1d(input, weight, bias, Int64(stride), Int64(padding), Int64(groups), out)
        }
    }

    /// [B, in, H, W] with weight [out, in / groups, kh, kw] → [B, out, H', W']; stride and padding are down, across.
    public func conv2d(
        _ weight: Tensor,
        _ bias: Tensor? = nil,
        stride: (Int, Int) = (1, 1),
        padding: (Int, Int) = (0, 0),
        groups: Int = 1
    ) throws(TorchError) -> Tensor {
        let strides = [Int64(stride.0), Int64(stride.1)]
        let paddings = [Int64(padding.0), Int64(padding.1)]
        return try quaternary(weight, bias) { input, weight, bias, _, out in
            ct_conv2d(input, weight, bias, strides, paddings, Int64(groups), out)
        }
    }

    /// Mean over rows of logits [N, C] against classes [N] (int64), weighted by class where `weight` [C] is given.
    public func crossEntropy(_ target: Tensor, weight: Tensor? = nil) throws(TorchError) -> Tensor {
        try quaternary(target, weight) { logits, target, weight, _, out in
            ct_cross_entropy(logits, target, weight, out)
        }
    }

    public func cosineSimilarity(
        _ other: Tensor,
        dim: Int,
        epsilon: Double = 1e-8
    ) throws(TorchError) -> Tensor {
        try binary(other) { ct_cosine_similarity($0, $1, Int64(dim), epsilon, $2) }
    }
}
