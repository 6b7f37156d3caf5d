import Config

extension ViTArchitecture {
    /// Every tensor of `weights.safetensors` by name and shape: those that the network takes, and no other.
    /// - Parameter grid: patches along a side of the image that `pos_embed` has rows for.
    func tensors(grid: Int) -> [(name: String, shape: [Int])] {
        var tensors = layer("patch_embed.proj", [width, 3, patch, patch])
        if classToken { tensors.append(("cls_token", [1, 1, width])) }
        if registerTokens > 0 { tensors.append(("reg_token", [1, registerTokens, width])) }
        if positions == .learned {
            tensors.append(("pos_embed", [1, grid * grid + (prefixPositions ? prefixTokens : 0), width]))
        }
        if normPre { tensors += layer("norm_pre", [width]) }
        for index in 0..<depth { tensors += block("blocks.\(index)") }
        tensors += layer(pool == .meanNorm ? "fc_norm" : "norm", [width])
        if let attentionPool { tensors += self.tensors(of: attentionPool) }
        if let projection { tensors += self.tensors(of: projection) }
        return tensors
    }

    private func layer(_ name: String, _ shape: [Int]) -> [(name: String, shape: [Int])] {
        [("\(name).weight", shape), ("\(name).bias", [shape[0]])]
    }

    private func block(_ name: String) -> [(name: String, shape: [Int])] {
        var tensors = layer("\(name).norm1", [width]) + layer("\(name).attn.qkv", [3 * width, width])
        if qkNorm {
            tensors += layer("\(name).attn.q_norm", [width / heads]) + layer("\(name).attn.k_norm", [width / heads])
        }
        tensors += layer("\(name).attn.proj", [width, width]) + layer("\(name).norm2", [width])
        tensors += layer("\(name).mlp.fc1", [hidden, width])
        tensors += layer("\(name).mlp.fc2", [width, mlp == .swiglu ? hidden / 2 : hidden])
        if layerScale { tensors += [("\(name).ls1.gamma", [width]), ("\(name).ls2.gamma", [width])] }
        return tensors
    }

    private func tensors(of pool: AttentionPoolArchitecture) -> [(name: String, shape: [Int])] {
        let inner = pool.width
        return [("attn_pool.query", [1, inner])] + layer("attn_pool.norm_q", [inner])
            + layer("attn_pool.norm_k", [width]) + layer("attn_pool.q", [inner, inner])
            + layer("attn_pool.kv", [2 * inner, width]) + layer("attn_pool.proj", [inner, inner])
            + layer("attn_pool.norm", [inner])
    }

    private func tensors(of projection: ProjectionArchitecture) -> [(name: String, shape: [Int])] {
        guard let hidden = projection.hidden else { return [("projection.weight", [projection.dim, pooled])] }
        return layer("projection.fc1", [hidden, pooled]) + layer("projection.fc2", [projection.dim, hidden])
    }
}
