import Config

/// What is said of a model beside its weights: numbers that no shape tells, and what patches go through before it.
struct ModelFacts: Equatable {
    var heads: Int?
    /// Numbers per token of networks that have so many heads, where no more than a size is known; nil: any.
    var widthOfHeads: Int?
    var epsilon: Double?
    /// Of an MLP without a gate.
    var mlp: ViTArchitecture.MLP?
    var pool: ViTArchitecture.Pool?
    var positionResize: ViTArchitecture.PositionResize?
    /// Base of DINOv3's rotary positions.
    var rope: Double?
    var preprocessing = PreprocessingFacts()

    /// Those of a preset.
    init(_ preset: EncoderPreset) {
        switch preset.architecture {
        case .vit(let vit):
            (heads, epsilon, mlp, pool) = (vit.heads, vit.epsilon, vit.mlp, vit.pool)
            (positionResize, rope) = (vit.positionResize, vit.rope)
        case .swin(let swin): epsilon = swin.epsilon
        case .convnext(let convNeXt): epsilon = convNeXt.epsilon
        case .resnet, .mobilenet: break
        }
        let wanted = preset.preprocessing
        preprocessing = PreprocessingFacts(
            input: wanted.input,
            resize: wanted.resize,
            interpolation: wanted.interpolation,
            mean: wanted.mean,
            std: wanted.std
        )
    }

    init() {}

    /// What is said here, and of the rest what is said there.
    func orElse(_ other: ModelFacts) -> ModelFacts {
        var facts = self
        (facts.heads, facts.widthOfHeads) =
            heads == nil ? (other.heads, other.widthOfHeads) : (heads, widthOfHeads)
        facts.epsilon = epsilon ?? other.epsilon
        facts.mlp = mlp ?? other.mlp
        facts.pool = pool ?? other.pool
        facts.positionResize = positionResize ?? other.positionResize
        facts.rope = rope ?? other.rope
        facts.preprocessing = preprocessing.orElse(other.preprocessing)
        return facts
    }
}

/// What patches go through, as far as it is said.
struct PreprocessingFacts: Equatable {
    var input: Int?
    /// Belongs to `input`.
    var resize: Int?
    var interpolation: EncoderManifest.Interpolation?
    var mean: [Double]?
    var std: [Double]?

    func orElse(_ other: PreprocessingFacts) -> PreprocessingFacts {
        PreprocessingFacts(
            input: input ?? other.input,
            resize: input == nil ? other.resize : resize,
            interpolation: interpolation ?? other.interpolation,
            mean: mean ?? other.mean,
            std: std ?? other.std
        )
    }
}
