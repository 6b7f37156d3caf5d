import Config
import Records
import Storage

/// A residual network, which timm, torchvision and we call by the same names.
struct ResNetPlan {
    let architecture: ResNetArchitecture
    /// Under our names.
    let entries: [String: WeightsFile.Entry]
    /// What all names begin with in the file.
    private let root: String

    private static let mark = "layer1.0.conv1.weight"

    /// - Parameters:
    ///   - preset: says how many stages are wanted; nil: all.
    ///   - path: for errors.
    /// - Returns: nil for the tensors of another family.
    /// - Throws: `Failure` naming tensors that are not known.
    init?(_ file: [String: WeightsFile.Entry], _ preset: EncoderPreset?, path: String) throws {
        let marks = file.keys.filter { $0 == Self.mark || $0.hasSuffix(".\(Self.mark)") }
        guard let mark = marks.first, marks.count == 1 else { return nil }
        let root = String(mark.dropLast(Self.mark.count))
        self.root = root
        let inner = Dictionary(
            uniqueKeysWithValues: file.filter { $0.key.hasPrefix(root) }.map {
                (String($0.key.dropFirst(root.count)), $0.value)
            }
        )
        var layers = (1...4).map { stage in
            (0..<64).prefix { inner["layer\(stage).\($0).conv1.weight"] != nil }.count
        }.prefix { $0 > 0 }
        if case .resnet(let wanted)? = preset?.architecture { layers = layers.prefix(wanted.layers.count) }
        let later = (layers.count + 1...5).map { "layer\($0)." }
        entries = inner.filter { name, _ in
            !name.hasPrefix("fc.") && !name.hasPrefix("head.") && !name.hasSuffix("num_batches_tracked")
                && !later.contains { name.hasPrefix($0) }
        }
        let block: ResNetArchitecture.Block = inner["layer1.0.conv3.weight"] == nil ? .basic : .bottleneck
        architecture = ResNetArchitecture(block: block, layers: Array(layers))
        let known = Set(architecture.tensors.map(\.name))
        let (strangers, missing) = (Set(entries.keys).subtracting(known), known.subtracting(entries.keys))
        let misshaped = architecture.tensors.filter { entries[$0.name].map(\.shape) != $0.shape }.map(\.name)
        guard let name = (strangers.isEmpty ? (missing.isEmpty ? Set(misshaped) : missing) : strangers).min() else {
            return
        }
        let fault =
            !strangers.isEmpty
            ? "is not known" : missing.isEmpty ? "has the shape \(entries[name]?.shape ?? [])" : "is missing"
        throw Failure(
            .encoder,
            path,
            "its tensors are not those of a ResNet: \(root)\(name) \(fault); "
                + "save a network that is not known here with torch.jit.trace and torch.jit.save"
        )
    }

    func tensor(_ name: String, from file: WeightsFile) throws -> StoredTensor { try file.tensor(root + name) }
}

extension ResNetArchitecture {
    /// Every tensor of `weights.safetensors` by name and shape.
    var tensors: [(name: String, shape: [Int])] {
        var tensors = Self.layer("conv1", "bn1", [64, 3, 7, 7])
        var inputs = 64
        for (stage, count) in layers.enumerated() {
            let channels = Self.channels(stage: stage)
            let outputs = channels * block.expansion
            for index in 0..<count {
                let name = "layer\(stage + 1).\(index)"
                let shapes =
                    switch block {
                    case .basic: [[channels, inputs, 3, 3], [outputs, channels, 3, 3]]
                    case .bottleneck:
                        [[channels, inputs, 1, 1], [channels, channels, 3, 3], [outputs, channels, 1, 1]]
                    }
                for (number, shape) in shapes.enumerated() {
                    tensors += Self.layer("\(name).conv\(number + 1)", "\(name).bn\(number + 1)", shape)
                }
                if inputs != outputs || (stage > 0 && index == 0) {
                    tensors += Self.layer("\(name).downsample.0", "\(name).downsample.1", [outputs, inputs, 1, 1])
                }
                inputs = outputs
            }
        }
        return tensors
    }

    private static func layer(_ convolution: String, _ norm: String, _ shape: [Int]) -> [(name: String, shape: [Int])] {
        [("\(convolution).weight", shape)]
            + ["weight", "bias", "running_mean", "running_var"].map { ("\(norm).\($0)", [shape[0]]) }
    }
}
