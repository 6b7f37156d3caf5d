import Records

/// A ConvNeXt (Liu et al. 2022; the second version, Woo et al. 2023) as timm builds it, up to the normalised mean of its last
/// map.
public struct ConvNeXtArchitecture: Codable, Equatable, Sendable {
    /// Side in pixels of the squares that the stem makes one place of.
    public let patch: Int
    /// Channels of the first stage; each further stage has twice as many.
    public let width: Int
    /// Blocks per stage.
    public let layers: [Int]
    /// Whether each branch is scaled by learned numbers (`gamma`; the first version).
    public var layerScale = true
    /// Whether hidden channels are normalised by their share of the whole map (`mlp.grn`; the second version).
    public var responseNorm = false
    /// Whether the last map is normalised before its mean is taken (timm's `head_norm_first`), not after.
    public var normFirst = false
    /// Of the layer normalisations.
    public var epsilon = 1e-6
    private let family: EncoderArchitecture.Family

    enum CodingKeys: String, CodingKey, CaseIterable {
        case family, patch, width, layers, epsilon
        case layerScale = "layer_scale"
        case responseNorm = "response_norm"
        case normFirst = "norm_first"
    }

    /// With the defaults of everything else; nothing is checked.
    public init(patch: Int, width: Int, layers: [Int]) {
        family = .convnext
        (self.patch, self.width, self.layers) = (patch, width, layers)
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        family = try reader.require(.family)
        patch = try reader.require(.patch)
        width = try reader.require(.width)
        layers = try reader.require(.layers)
        try reader.read(.layerScale, into: &layerScale)
        try reader.read(.responseNorm, into: &responseNorm)
        try reader.read(.normFirst, into: &normFirst)
        try reader.read(.epsilon, into: &epsilon)

        func demand(_ holds: Bool, _ key: CodingKeys, _ message: String) throws {
            try ConfigError.check(holds, reader.keyPath(key), message)
        }
        try demand((1...256).contains(patch), .patch, "\(patch) is not in 1…256")
        try demand((1...4096).contains(width), .width, "\(width) is not in 1…4096")
        try demand(
            (1...4).contains(layers.count) && layers.allSatisfy((1...64).contains),
            .layers,
            "the number of blocks, 1 to 64, of one to four stages is wanted"
        )
        try demand(epsilon > 0 && epsilon < 0.01, .epsilon, "\(epsilon) is not between 0 and 0.01")
    }

    /// Without what is at its default, so that a later key changes nothing that was written before.
    public func encode(to encoder: any Encoder) throws {
        let plain = ConvNeXtArchitecture(patch: patch, width: width, layers: layers)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(family, forKey: .family)
        try container.encode(patch, forKey: .patch)
        try container.encode(width, forKey: .width)
        try container.encode(layers, forKey: .layers)
        if layerScale != plain.layerScale { try container.encode(layerScale, forKey: .layerScale) }
        if responseNorm != plain.responseNorm { try container.encode(responseNorm, forKey: .responseNorm) }
        if normFirst != plain.normFirst { try container.encode(normFirst, forKey: .normFirst) }
        if epsilon != plain.epsilon { try container.encode(epsilon, forKey: .epsilon) }
    }

    /// Channels of a stage, from 0.
    public func width(stage: Int) -> Int { width << stage }

    public var dim: Int { width(stage: layers.count - 1) }

    /// Why images of a side cannot go through the network; nil where they can.
    func fault(ofInput input: Int) -> String? {
        let least = patch << (layers.count - 1)
        return input < least ? "\(input) pixels leave nothing for the last stage; \(least) or more are wanted" : nil
    }
}
