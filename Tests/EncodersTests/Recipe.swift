import Foundation
import Storage

@testable import Config
@testable import Encoders
@testable import Files
@testable import Pipeline

/// The weights and pixels of scripts/encoder-references, number for number.
enum Recipe {
    /// Numbers in [0, 1): FNV-1a of the name seeds SplitMix64, of which the upper 24 bits are kept.
    static func uniform(_ name: String, _ count: Int) -> [Float] {
        var seed: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return (1...UInt64(count)).map { index in
            var z = seed &+ index &* 0x9E37_79B9_7F4A_7C15
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return Float((z ^ z >> 31) >> 40) / 16_777_216
        }
    }

    static func values(_ name: String, _ shape: [Int]) -> [Float] {
        let numbers = uniform(name, shape.reduce(1, *))
        if name.hasSuffix("running_var") || name.hasSuffix("gamma") || (name.hasSuffix("weight") && shape.count == 1) {
            return numbers.map { $0 + 0.5 }
        }
        let fan = shape.count > 1 && name.hasSuffix("weight") ? shape.dropFirst().reduce(1, *) : 12
        let spread = Float((12 / Double(fan)).squareRoot())
        return numbers.map { ($0 - 0.5) * spread }
    }

    /// `count` patches of `side`.
    static func pixels(side: Int, count: Int = 2) -> [UInt8] {
        uniform("pixels of \(side)", count * side * side * 3).map { UInt8($0 * 256) }
    }

    /// Every tensor that timm's model of this architecture has, by name.
    static func weights(_ architecture: EncoderArchitecture, input: Int) -> SafeTensors {
        var tensors: [String: StoredTensor] = [:]
        for (name, shape) in shapes(architecture, input: input) {
            tensors[name] = StoredTensor(shape: shape, floats: values(name, shape))
        }
        if case .resnet = architecture {
            tensors["bn1.num_batches_tracked"] = StoredTensor(kind: .int64, shape: [], bytes: Data(count: 8))
        }
        return SafeTensors(tensors: tensors)
    }

    private static func shapes(_ architecture: EncoderArchitecture, input: Int) -> [(String, [Int])] {
        switch architecture {
        case .vit(let vit): shapes(vit, input: input)
        case .resnet(let resnet): shapes(resnet)
        // Of these, whole folders are compared (ImportReference).
        case .swin, .convnext: []
        // Held against torchvision's own names by PresetTests.
        case .mobilenet(let mobileNet): mobileNet.tensors.map { ($0.name, $0.shape) }
        }
    }

    private static func shapes(_ vit: ViTArchitecture, input: Int) -> [(String, [Int])] {
        let width = vit.width
        let inner = vit.mlp == .gelu ? vit.hidden : vit.hidden / 2
        let patches = (input / vit.patch) * (input / vit.patch)
        let positions = patches + (vit.prefixPositions ? 1 + vit.registerTokens : 0)
        var shapes: [(String, [Int])] = [
            ("cls_token", [1, 1, width]), ("pos_embed", [1, positions, width]), ("norm.weight", [width]),
            ("norm.bias", [width]), ("patch_embed.proj.weight", [width, 3, vit.patch, vit.patch]),
            ("patch_embed.proj.bias", [width]),
        ]
        if vit.registerTokens > 0 { shapes.append(("reg_token", [1, vit.registerTokens, width])) }
        for index in 0..<vit.depth {
            var block: [(String, [Int])] = [
                ("attn.qkv", [3 * width, width]), ("attn.proj", [width, width]), ("mlp.fc1", [vit.hidden, width]),
                ("mlp.fc2", [width, inner]), ("norm1", [width]), ("norm2", [width]),
            ].flatMap { name, shape in [("\(name).weight", shape), ("\(name).bias", [shape[0]])] }
            if vit.layerScale { block += [("ls1.gamma", [width]), ("ls2.gamma", [width])] }
            shapes += block.map { ("blocks.\(index).\($0)", $1) }
        }
        return shapes
    }

    private static func shapes(_ resnet: ResNetArchitecture) -> [(String, [Int])] {
        func layer(_ convolution: String, _ norm: String, _ shape: [Int]) -> [(String, [Int])] {
            [("\(convolution).weight", shape)]
                + ["weight", "bias", "running_mean", "running_var"].map { ("\(norm).\($0)", [shape[0]]) }
        }
        var shapes = layer("conv1", "bn1", [64, 3, 7, 7])
        var inputs = 64
        for (stage, count) in resnet.layers.enumerated() {
            let (channels, outputs) = (64 << stage, (64 << stage) * (resnet.block == .basic ? 1 : 4))
            for index in 0..<count {
                let name = "layer\(stage + 1).\(index)"
                let convolutions =
                    resnet.block == .basic
                    ? [[channels, inputs, 3, 3], [channels, channels, 3, 3]]
                    : [[channels, inputs, 1, 1], [channels, channels, 3, 3], [outputs, channels, 1, 1]]
                for (number, shape) in convolutions.enumerated() {
                    shapes += layer("\(name).conv\(number + 1)", "\(name).bn\(number + 1)", shape)
                }
                if inputs != outputs || (stage > 0 && index == 0) {
                    shapes += layer("\(name).downsample.0", "\(name).downsample.1", [outputs, inputs, 1, 1])
                }
                inputs = outputs
            }
        }
        return shapes
    }
}
