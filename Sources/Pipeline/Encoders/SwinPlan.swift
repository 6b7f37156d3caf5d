import Config
import Records
import Storage

/// A Swin transformer as timm calls its tensors: halving is at the start of a stage, as now, or at the end of the one before,
/// as up to 0.6, in the makers' code and in CTransPath.
struct SwinPlan {
    let architecture: SwinArchitecture
    let plan: RenamedPlan
    /// Side in pixels that certainly goes through.
    let usualInput: Int

    private static let mark = "layers.0.blocks.0.attn.relative_position_bias_table"
    /// What follows of the others, or serves training.
    private static let buffers = ["relative_position_index", "attn_mask", "num_batches_tracked"]

    /// - Parameter path: for errors.
    /// - Returns: nil for the tensors of another family.
    /// - Throws: `Failure` naming tensors that do not fit.
    init?(_ file: [String: WeightsFile.Entry], _ facts: ModelFacts, path: String) throws {
        let isEarlier = file.keys.contains { $0.hasSuffix("layers.0.downsample.reduction.weight") }
        guard
            let tensors = try RenamedTensors(
                file,
                mark: Self.mark,
                path: path,
                { name in
                    let isUnused = name.hasPrefix("head.") || Self.buffers.contains { name.hasSuffix(".\($0)") }
                    return isUnused ? nil : isEarlier ? Self.later(name) : name
                }
            )
        else { return nil }
        let layers = (0..<4).map { stage in
            tensors.count { "layers.\(stage).blocks.\($0).attn.relative_position_bias_table" }
        }.prefix { $0 > 0 }
        /// Of a stage: distances and heads.
        func table(_ stage: Int) throws -> [Int] {
            try tensors.shape("layers.\(stage).blocks.0.attn.relative_position_bias_table", rank: 2)
        }
        /// From the distances (2 w - 1)².
        func window(_ stage: Int) throws -> Int { Int((Double(try table(stage)[0]).squareRoot() + 1) / 2) }

        let hasConvolutions = tensors.entries["patch_embed.proj.weight"] == nil
        let embedding = try tensors.shape("patch_embed.proj\(hasConvolutions ? ".6" : "").weight", rank: 4)
        var made = SwinArchitecture(
            patch: hasConvolutions ? 4 : embedding[3],
            width: embedding[0],
            layers: Array(layers),
            heads: try layers.indices.map { try table($0)[1] },
            window: try window(0)
        )
        made.stem = hasConvolutions ? .convolutions : .patch
        made.stemNorm = tensors.entries["patch_embed.norm.weight"] != nil
        made.epsilon = facts.epsilon ?? made.epsilon
        architecture = made
        // The last stage's map may be smaller than a window.
        usualInput = try window(layers.count - 1) * made.patch << (layers.count - 1)
        let input = facts.preprocessing.input ?? usualInput
        plan = try RenamedPlan(tensors, made.tensors(input: input))
    }

    /// `layers.0.downsample.norm.weight` as it is called now: `layers.1.downsample.norm.weight`.
    private static func later(_ name: String) -> String {
        guard let found = name.wholeMatch(of: #/layers\.(?<stage>\d)\.downsample\.(?<rest>.+)/#),
            let stage = Int(found.output.stage)
        else { return name }
        return "layers.\(stage + 1).downsample.\(found.output.rest)"
    }
}

extension SwinArchitecture {
    /// Every tensor of `weights.safetensors` by name and shape.
    /// - Parameter input: side of the images in pixels: windows are no larger than a map.
    func tensors(input: Int) -> [(name: String, shape: [Int])] {
        var tensors: [(name: String, shape: [Int])] = []
        switch stem {
        case .patch: tensors += layerTensors("patch_embed.proj", [width, 3, patch, patch])
        case .convolutions:
            for (place, shape) in [(0, [width / 8, 3, 3, 3]), (3, [width / 4, width / 8, 3, 3])] {
                tensors.append(("patch_embed.proj.\(place).weight", shape))
                tensors += ["weight", "bias", "running_mean", "running_var"].map {
                    ("patch_embed.proj.\(place + 1).\($0)", [shape[0]])
                }
            }
            tensors += layerTensors("patch_embed.proj.6", [width, width / 4, 1, 1])
        }
        if stemNorm { tensors += layerTensors("patch_embed.norm", [width]) }
        for stage in layers.indices {
            if stage > 0 {
                let before = width(stage: stage - 1)
                tensors += layerTensors("layers.\(stage).downsample.norm", [4 * before])
                tensors.append(("layers.\(stage).downsample.reduction.weight", [2 * before, 4 * before]))
            }
            let window = min(window, max(1, side(stage: stage, input: input)))
            for index in 0..<layers[stage] {
                let (name, width) = ("layers.\(stage).blocks.\(index)", width(stage: stage))
                let distances = (2 * window - 1) * (2 * window - 1)
                tensors.append(("\(name).attn.relative_position_bias_table", [distances, heads[stage]]))
                tensors += layerTensors("\(name).norm1", [width]) + layerTensors("\(name).norm2", [width])
                tensors += layerTensors("\(name).attn.qkv", [3 * width, width])
                tensors += layerTensors("\(name).attn.proj", [width, width])
                tensors += layerTensors("\(name).mlp.fc1", [4 * width, width])
                tensors += layerTensors("\(name).mlp.fc2", [width, 4 * width])
            }
        }
        return tensors + layerTensors("norm", [dim])
    }
}
