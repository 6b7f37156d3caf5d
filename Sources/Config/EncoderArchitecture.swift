public import Records

/// The numbers of a network whose weights are a safetensors file; the manifest's `architecture`, told apart by `family`.
public enum EncoderArchitecture: Codable, Equatable, Sendable {
    case vit(ViTArchitecture)
    case resnet(ResNetArchitecture)

    enum Family: String, ConfigChoice { case vit, resnet }

    private enum FamilyKey: String, CodingKey { case family }

    public init(from decoder: any Decoder) throws {
        let path = decoder.codingPath.map(\.stringValue).joined(separator: ".")
        let family: Family
        do {
            family = try decoder.container(keyedBy: FamilyKey.self).decode(Family.self, forKey: .family)
        } catch DecodingError.typeMismatch {
            throw ConfigError(path, "an object {…} is wanted here")
        } catch is DecodingError {
            let known = Family.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigError("\(path).family", "this key is required; one of \(known)")
        }
        switch family {
        case .vit: self = .vit(try ViTArchitecture(from: decoder))
        case .resnet: self = .resnet(try ResNetArchitecture(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .vit(let architecture): try architecture.encode(to: encoder)
        case .resnet(let architecture): try architecture.encode(to: encoder)
        }
    }

    /// Numbers per patch.
    public var dim: Int {
        switch self {
        case .vit(let architecture): architecture.dim
        case .resnet(let architecture): architecture.dim
        }
    }

    /// What the side of the input must be a multiple of.
    public var stride: Int {
        switch self {
        case .vit(let architecture): architecture.patch
        case .resnet: 1
        }
    }
}

/// A vision transformer (Dosovitskiy et al. 2021) as timm's `VisionTransformer` builds it, with DINOv2's layer scale,
/// register tokens (Darcet et al. 2024) and gated MLP.
public struct ViTArchitecture: Codable, Equatable, Sendable {
    public enum MLP: String, ConfigChoice {
        /// Two layers with GELU (by the error function) between them.
        case gelu
        /// timm's `SwiGLUPacked`: the first layer gives gate and value, halves of its outputs; SiLU on the gate.
        case swiglu
    }

    public enum Pool: String, ConfigChoice {
        /// The class token.
        case cls
        /// The class token and the mean of the patch tokens, without registers (Virchow).
        case clsMean = "cls+mean"
    }

    /// Side in pixels of the squares that become tokens.
    public let patch: Int
    /// Numbers per token.
    public let width: Int
    public let depth: Int
    public let heads: Int
    /// Outputs of the MLP's first layer (`mlp.fc1`).
    public let hidden: Int
    public private(set) var mlp = MLP.gelu
    /// Whether each branch is scaled by learned numbers (`ls1.gamma`, `ls2.gamma`).
    public private(set) var layerScale = false
    public private(set) var registerTokens = 0
    /// Whether `pos_embed` begins with rows for the class and register tokens (timm: not `no_embed_class`).
    public private(set) var prefixPositions = true
    public private(set) var pool = Pool.cls
    /// Of the layer normalisations.
    public private(set) var epsilon = 1e-6
    private let family: EncoderArchitecture.Family

    enum CodingKeys: String, CodingKey, CaseIterable {
        case family, patch, width, depth, heads, hidden, mlp, pool, epsilon
        case layerScale = "layer_scale"
        case registerTokens = "register_tokens"
        case prefixPositions = "prefix_positions"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        family = try reader.require(.family)
        patch = try reader.require(.patch)
        width = try reader.require(.width)
        depth = try reader.require(.depth)
        heads = try reader.require(.heads)
        hidden = try reader.require(.hidden)
        try reader.read(.mlp, into: &mlp)
        try reader.read(.layerScale, into: &layerScale)
        try reader.read(.registerTokens, into: &registerTokens)
        try reader.read(.prefixPositions, into: &prefixPositions)
        try reader.read(.pool, into: &pool)
        try reader.read(.epsilon, into: &epsilon)

        func check(_ value: Int, in range: ClosedRange<Int>, _ key: CodingKeys) throws {
            try ConfigError.check(
                range.contains(value),
                reader.keyPath(key),
                "\(value) is not in \(range.lowerBound)…\(range.upperBound)"
            )
        }
        try check(patch, in: 1...256, .patch)
        try check(width, in: 1...16_384, .width)
        try check(depth, in: 1...256, .depth)
        try check(heads, in: 1...256, .heads)
        try check(hidden, in: 1...131_072, .hidden)
        try check(registerTokens, in: 0...256, .registerTokens)
        try ConfigError.check(
            width.isMultiple(of: heads),
            reader.keyPath(.heads),
            "\(width) numbers per token cannot be shared out to \(heads) heads"
        )
        try ConfigError.check(
            mlp == .gelu || hidden.isMultiple(of: 2),
            reader.keyPath(.hidden),
            "a gated MLP halves its \(hidden) hidden numbers; an even number is wanted"
        )
        try ConfigError.check(
            epsilon > 0 && epsilon < 0.01,
            reader.keyPath(.epsilon),
            "\(epsilon) is not between 0 and 0.01"
        )
    }

    public var dim: Int { pool == .cls ? width : 2 * width }
}

/// A residual network (He et al. 2016, with the stride on the 3 × 3 convolution) as timm and torchvision build it, up to
/// the global average.
public struct ResNetArchitecture: Codable, Equatable, Sendable {
    public enum Block: String, ConfigChoice {
        /// Two 3 × 3 convolutions (ResNet-18 and -34).
        case basic
        /// 1 × 1, 3 × 3, 1 × 1 (ResNet-50 and deeper).
        case bottleneck

        /// Channels out per channel inside.
        public var expansion: Int { self == .basic ? 1 : 4 }
    }

    public let block: Block
    /// Blocks per stage. Four stages are the whole network; three are CLAM's truncated one, which averages `layer3`.
    public let layers: [Int]
    private let family: EncoderArchitecture.Family

    enum CodingKeys: String, CodingKey, CaseIterable { case family, block, layers }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        family = try reader.require(.family)
        block = try reader.require(.block)
        layers = try reader.require(.layers)
        try ConfigError.check(
            (1...4).contains(layers.count) && layers.allSatisfy((1...64).contains),
            reader.keyPath(.layers),
            "the number of blocks, 1 to 64, of one to four stages is wanted"
        )
    }

    /// Channels inside the blocks of a stage, from 0.
    public static func channels(stage: Int) -> Int { 64 << stage }

    public var dim: Int { Self.channels(stage: layers.count - 1) * block.expansion }
}
