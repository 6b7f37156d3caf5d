import Config
import Records
import Storage

/// A ConvNeXt as timm or its makers call its tensors.
struct ConvNeXtPlan {
    let architecture: ConvNeXtArchitecture
    let plan: RenamedPlan

    private static let timmMark = "stages.0.blocks.0.conv_dw.weight"
    private static let makersMark = "stages.0.0.dwconv.weight"

    /// - Parameter path: for errors.
    /// - Returns: nil for the tensors of another family.
    /// - Throws: `Failure` naming tensors that do not fit.
    init?(_ file: [String: WeightsFile.Entry], _ facts: ModelFacts, path: String) throws {
        guard
            let tensors = try RenamedTensors(file, mark: Self.timmMark, path: path, Self.withoutHead)
                ?? RenamedTensors(file, mark: Self.makersMark, path: path, Self.ofMakers)
        else { return nil }
        let layers = (0..<4).map { stage in tensors.count { "stages.\(stage).blocks.\($0).conv_dw.weight" } }
            .prefix { $0 > 0 }
        let stem = try tensors.shape("stem.0.weight", rank: 4)
        var made = ConvNeXtArchitecture(patch: stem[3], width: stem[0], layers: Array(layers))
        made.layerScale = tensors.entries["stages.0.blocks.0.gamma"] != nil
        made.responseNorm = tensors.entries["stages.0.blocks.0.mlp.grn.weight"] != nil
        made.normFirst = tensors.entries["norm_pre.weight"] != nil
        made.epsilon = facts.epsilon ?? made.epsilon
        architecture = made
        plan = try RenamedPlan(tensors, made.tensors)
    }

    /// Everything but the layer that tells classes: one before it (`head.pre_logits`) is part of what others call features.
    private static func withoutHead(_ name: String) -> String? {
        ["head.fc.", "head.weight", "head.bias"].contains(where: name.hasPrefix) ? nil : name
    }

    /// timm's name for one of the makers'.
    private static func ofMakers(_ name: String) -> String? {
        if name.hasPrefix("head.") { return nil }
        if name.hasPrefix("norm.") { return "head.\(name)" }
        if let found = name.wholeMatch(of: #/downsample_layers\.(\d)\.(.+)/#) {
            return found.output.1 == "0"
                ? "stem.\(found.output.2)" : "stages.\(found.output.1).downsample.\(found.output.2)"
        }
        guard let found = name.wholeMatch(of: #/stages\.(\d)\.(\d+)\.(.+)/#) else { return name }
        var inner = String(found.output.3)
        for (theirs, ours) in [
            ("dwconv.", "conv_dw."), ("pwconv1.", "mlp.fc1."), ("pwconv2.", "mlp.fc2."),
            ("grn.gamma", "mlp.grn.weight"),
            ("grn.beta", "mlp.grn.bias"),
        ] where inner.hasPrefix(theirs) {
            inner = ours + inner.dropFirst(theirs.count)
        }
        return "stages.\(found.output.1).blocks.\(found.output.2).\(inner)"
    }
}

extension ConvNeXtArchitecture {
    /// Every tensor of `weights.safetensors` by name and shape.
    var tensors: [(name: String, shape: [Int])] {
        var tensors = layerTensors("stem.0", [width, 3, patch, patch]) + layerTensors("stem.1", [width])
        for stage in layers.indices {
            let width = width(stage: stage)
            if stage > 0 {
                tensors += layerTensors("stages.\(stage).downsample.0", [width / 2])
                tensors += layerTensors("stages.\(stage).downsample.1", [width, width / 2, 2, 2])
            }
            for index in 0..<layers[stage] {
                let name = "stages.\(stage).blocks.\(index)"
                tensors += layerTensors("\(name).conv_dw", [width, 1, 7, 7]) + layerTensors("\(name).norm", [width])
                tensors += layerTensors("\(name).mlp.fc1", [4 * width, width])
                tensors += layerTensors("\(name).mlp.fc2", [width, 4 * width])
                if responseNorm { tensors += layerTensors("\(name).mlp.grn", [4 * width]) }
                if layerScale { tensors.append(("\(name).gamma", [width])) }
            }
        }
        return tensors + layerTensors(normFirst ? "norm_pre" : "head.norm", [dim])
    }
}
