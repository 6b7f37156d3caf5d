public import Records

/// A vision transformer (Dosovitskiy et al. 2021) as timm's `VisionTransformer` builds it, with what DINOv2 (layer scale,
/// register tokens, gated MLP), DINOv3 (rotary positions), CLIP (a normalisation before the blocks, a projection) and CoCa
/// (attention pooling) add to it.
///
/// What was added later is written only where it is not the default: what is written of an encoder is part of the
/// fingerprint of its features.
public struct ViTArchitecture: Codable, Equatable, Sendable {
    public enum MLP: String, ConfigChoice {
        /// Two layers with GELU (by the error function) between them.
        case gelu
        /// Two layers with x · sigmoid(1.702 x) between them (OpenAI's CLIP).
        case quickGELU = "quick_gelu"
        /// timm's `SwiGLUPacked`: the first layer gives gate and value, halves of its outputs; SiLU on the gate.
        case swiglu
    }

    public enum Pool: String, ConfigChoice {
        /// The class token.
        case cls
        /// The class token and the mean of the patch tokens, without registers (Virchow).
        case clsMean = "cls+mean"
        /// The mean of the patch tokens.
        case mean
        /// The mean of the patch tokens before the last normalisation, and that after it (timm's `avg` with `fc_norm`).
        case meanNorm = "mean+fc_norm"
        /// Attention of a learned query to all tokens (`attention_pool`).
        case attention

        /// Whether the class token is part of it.
        var needsClassToken: Bool { self == .cls || self == .clsMean }
    }

    /// How a library brings learned positions to another grid. All are bicubic, and leave those of the class token alone.
    public enum PositionResize: String, ConfigChoice {
        /// timm, and transformers' Dinov2WithRegisters: antialiased.
        case timm
        /// DINO and DINOv2: by a factor that an offset of 0.1 patches makes too large.
        case dinov2
        /// transformers' ViT and Dinov2: neither.
        case transformers
    }

    public enum Positions: String, ConfigChoice {
        /// Added to the tokens: `pos_embed`.
        case learned
        case none
    }

    /// Side in pixels of the squares that become tokens.
    public let patch: Int
    /// Numbers per token.
    public let width: Int
    public let depth: Int
    public let heads: Int
    /// Outputs of the MLP's first layer (`mlp.fc1`).
    public let hidden: Int
    public var mlp = MLP.gelu
    /// Whether each branch is scaled by learned numbers (`ls1.gamma`, `ls2.gamma`).
    public var layerScale = false
    public var registerTokens = 0
    public var classToken = true
    /// Whether `pos_embed` begins with rows for the class and register tokens (timm: not `no_embed_class`).
    public var prefixPositions = true
    public var pool = Pool.cls
    /// Of the layer normalisations.
    public var epsilon = 1e-6
    public var positions = Positions.learned
    /// For positions of another grid than the input's; nil: they must be of the input's.
    public var positionResize: PositionResize?
    /// Base of the rotary positions' wavelengths (DINOv3: 100); nil: there are none.
    public var rope: Double?
    /// Whether queries and keys are normalised by head (`attn.q_norm`, `attn.k_norm`).
    public var qkNorm = false
    /// Whether the tokens are normalised before the blocks (`norm_pre`).
    public var normPre = false
    /// What `pool` `attention` is made of.
    public var attentionPool: AttentionPoolArchitecture?
    /// What the pooled token goes through last.
    public var projection: ProjectionArchitecture?
    private let family: EncoderArchitecture.Family

    enum CodingKeys: String, CodingKey, CaseIterable {
        case family, patch, width, depth, heads, hidden, mlp, pool, epsilon, positions, rope, projection
        case layerScale = "layer_scale"
        case registerTokens = "register_tokens"
        case classToken = "class_token"
        case prefixPositions = "prefix_positions"
        case positionResize = "position_resize"
        case qkNorm = "qk_norm"
        case normPre = "norm_pre"
        case attentionPool = "attention_pool"
    }

    /// With the defaults of everything else; nothing is checked.
    public init(patch: Int, width: Int, depth: Int, heads: Int, hidden: Int) {
        family = .vit
        (self.patch, self.width, self.depth, self.heads, self.hidden) = (patch, width, depth, heads, hidden)
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
        try reader.read(.classToken, into: &classToken)
        try reader.read(.prefixPositions, into: &prefixPositions)
        try reader.read(.pool, into: &pool)
        try reader.read(.epsilon, into: &epsilon)
        try reader.read(.positions, into: &positions)
        try reader.read(.positionResize, into: &positionResize)
        try reader.read(.rope, into: &rope)
        try reader.read(.qkNorm, into: &qkNorm)
        try reader.read(.normPre, into: &normPre)
        try reader.read(.attentionPool, into: &attentionPool)
        try reader.read(.projection, into: &projection)
        try check { reader.keyPath($0) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(family, forKey: .family)
        try container.encode(patch, forKey: .patch)
        try container.encode(width, forKey: .width)
        try container.encode(depth, forKey: .depth)
        try container.encode(heads, forKey: .heads)
        try container.encode(hidden, forKey: .hidden)
        try container.encode(mlp, forKey: .mlp)
        try container.encode(layerScale, forKey: .layerScale)
        try container.encode(registerTokens, forKey: .registerTokens)
        try container.encode(prefixPositions, forKey: .prefixPositions)
        try container.encode(pool, forKey: .pool)
        try container.encode(epsilon, forKey: .epsilon)
        if !classToken { try container.encode(classToken, forKey: .classToken) }
        if positions != .learned { try container.encode(positions, forKey: .positions) }
        try container.encodeIfPresent(positionResize, forKey: .positionResize)
        try container.encodeIfPresent(rope, forKey: .rope)
        if qkNorm { try container.encode(qkNorm, forKey: .qkNorm) }
        if normPre { try container.encode(normPre, forKey: .normPre) }
        try container.encodeIfPresent(attentionPool, forKey: .attentionPool)
        try container.encodeIfPresent(projection, forKey: .projection)
    }

    /// Numbers of what `pool` gives.
    public var pooled: Int {
        switch pool {
        case .cls, .mean, .meanNorm: width
        case .clsMean: 2 * width
        case .attention: attentionPool?.width ?? width
        }
    }

    public var dim: Int { projection?.dim ?? pooled }

    /// Class and register tokens, which come before those of the patches.
    public var prefixTokens: Int { (classToken ? 1 : 0) + registerTokens }
}
