public import Records

/// A Swin transformer (Liu et al. 2021, the first version) as timm builds it, with the stem of convolutions that CTransPath
/// (Wang et al. 2022) puts before it, up to the mean of its normalised tokens.
public struct SwinArchitecture: Codable, Equatable, Sendable {
    public enum Stem: String, ConfigChoice {
        /// Squares of `patch` pixels through one layer.
        case patch
        /// Two 3 × 3 convolutions of stride 2 with batch normalisation and ReLU, and one of 1 × 1 (CTransPath).
        case convolutions
    }

    /// Side in pixels of what becomes one token.
    public let patch: Int
    /// Numbers per token in the first stage; each further stage has twice as many.
    public let width: Int
    /// Blocks per stage.
    public let layers: [Int]
    /// Attention heads per stage.
    public let heads: [Int]
    /// Side in tokens of the windows that attend to themselves; a smaller map is one window.
    public let window: Int
    public var stem = Stem.patch
    /// Whether tokens are normalised after the stem (`patch_embed.norm`).
    public var stemNorm = true
    /// Of the layer normalisations.
    public var epsilon = 1e-5
    private let family: EncoderArchitecture.Family

    enum CodingKeys: String, CodingKey, CaseIterable {
        case family, patch, width, layers, heads, window, stem, epsilon
        case stemNorm = "stem_norm"
    }

    /// With the defaults of everything else; nothing is checked.
    public init(patch: Int, width: Int, layers: [Int], heads: [Int], window: Int) {
        family = .swin
        (self.patch, self.width, self.layers, self.heads, self.window) = (patch, width, layers, heads, window)
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        family = try reader.require(.family)
        patch = try reader.require(.patch)
        width = try reader.require(.width)
        layers = try reader.require(.layers)
        heads = try reader.require(.heads)
        window = try reader.require(.window)
        try reader.read(.stem, into: &stem)
        try reader.read(.stemNorm, into: &stemNorm)
        try reader.read(.epsilon, into: &epsilon)
        try check { reader.keyPath($0) }
    }

    /// Without what is at its default, so that a later key changes nothing that was written before.
    public func encode(to encoder: any Encoder) throws {
        let plain = SwinArchitecture(patch: patch, width: width, layers: layers, heads: heads, window: window)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(family, forKey: .family)
        try container.encode(patch, forKey: .patch)
        try container.encode(width, forKey: .width)
        try container.encode(layers, forKey: .layers)
        try container.encode(heads, forKey: .heads)
        try container.encode(window, forKey: .window)
        if stem != plain.stem { try container.encode(stem, forKey: .stem) }
        if stemNorm != plain.stemNorm { try container.encode(stemNorm, forKey: .stemNorm) }
        if epsilon != plain.epsilon { try container.encode(epsilon, forKey: .epsilon) }
    }

    private func check(_ place: (CodingKeys) -> String) throws {
        func demand(_ holds: Bool, _ key: CodingKeys, _ message: String) throws {
            try ConfigError.check(holds, place(key), message)
        }
        try demand((1...256).contains(patch), .patch, "\(patch) is not in 1…256")
        try demand((1...4096).contains(width), .width, "\(width) is not in 1…4096")
        try demand(
            (1...4).contains(layers.count) && layers.allSatisfy((1...64).contains),
            .layers,
            "the number of blocks, 1 to 64, of one to four stages is wanted"
        )
        try demand(
            heads.count == layers.count && heads.allSatisfy((1...256).contains),
            .heads,
            "the number of heads, 1 to 256, of each of the \(layers.count) stages is wanted"
        )
        for (stage, heads) in heads.enumerated() {
            let width = width(stage: stage)
            try demand(
                width.isMultiple(of: heads),
                .heads,
                "\(width) numbers per token cannot be shared out to \(heads) heads"
            )
        }
        try demand((1...64).contains(window), .window, "\(window) is not in 1…64")
        try demand(
            stem == .patch || (patch == 4 && width.isMultiple(of: 8)),
            .stem,
            "a stem of convolutions wants a 'patch' of 4 and a 'width' that is a multiple of 8"
        )
        try demand(epsilon > 0 && epsilon < 0.01, .epsilon, "\(epsilon) is not between 0 and 0.01")
    }

    /// Numbers per token of a stage, from 0.
    public func width(stage: Int) -> Int { width << stage }

    public var dim: Int { width(stage: layers.count - 1) }

    /// Tokens along the side of a stage's map, for images of `input` pixels.
    public func side(stage: Int, input: Int) -> Int { input / (patch << stage) }

    /// Why images of a side cannot go through the network; nil where they can. Libraries differ in what they do with a map
    /// that windows do not divide, so that there is none.
    func fault(ofInput input: Int) -> String? {
        let multiple = patch << (layers.count - 1)
        guard input.isMultiple(of: multiple) else {
            return
                "\(input) is no multiple of \(multiple) pixels, and each stage after the first halves what the stem gives"
        }
        for stage in layers.indices {
            let side = side(stage: stage, input: input)
            if side > window, !side.isMultiple(of: window) {
                return
                    "\(input) pixels give a map of \(side) × \(side) tokens, which windows of \(window) do not divide; "
                    + "a multiple of \(window * multiple) is wanted"
            }
            // What is added to every pair of a window's tokens, in every window and head: Swin-L on 384 pixels has 8 million.
            let own = min(window, side)
            if heads[stage] * side * side * own * own > EncoderArchitecture.mostNumbers {
                return
                    "\(input) pixels in windows of \(own) are more than is built here; a smaller input or window is wanted"
            }
        }
        return nil
    }
}
