extension EncoderPreset.Preprocessing {
    static func imageNet(
        _ input: Int,
        _ interpolation: EncoderManifest.Interpolation,
        resize: Int? = nil
    ) -> Self {
        Self(
            input: input,
            resize: resize,
            interpolation: interpolation,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225]
        )
    }

    static func halves(_ input: Int, _ interpolation: EncoderManifest.Interpolation) -> Self {
        Self(input: input, interpolation: interpolation, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])
    }

    /// Of CLIP as OpenAI trained it.
    static func openAI(_ input: Int) -> Self {
        Self(
            input: input,
            interpolation: .bicubic,
            mean: [0.48145466, 0.4578275, 0.40821073],
            std: [0.26862954, 0.26130258, 0.27577711]
        )
    }

    static let bioptimus = Self(
        input: 224,
        interpolation: .bicubic,
        mean: [0.707223, 0.578729, 0.703617],
        std: [0.211883, 0.230117, 0.177517]
    )

    static let hibou = Self(
        input: 224,
        interpolation: .bicubic,
        mean: [0.7068, 0.5755, 0.722],
        std: [0.195, 0.2316, 0.1816]
    )

    static let lunit = Self(
        input: 224,
        interpolation: .bicubic,
        mean: [0.70322989, 0.53606487, 0.66096631],
        std: [0.21716536, 0.26081574, 0.20723464]
    )
}

extension ViTArchitecture {
    private static func make(_ start: ViTArchitecture, _ change: (inout ViTArchitecture) -> Void) -> ViTArchitecture {
        var made = start
        change(&made)
        return made
    }

    static func small(_ patch: Int) -> ViTArchitecture {
        ViTArchitecture(patch: patch, width: 384, depth: 12, heads: 6, hidden: 1536)
    }

    static func base(
        _ patch: Int,
        hidden: Int = 3072,
        _ change: (inout ViTArchitecture) -> Void
    ) -> ViTArchitecture {
        make(ViTArchitecture(patch: patch, width: 768, depth: 12, heads: 12, hidden: hidden), change)
    }

    static func large(
        _ patch: Int,
        hidden: Int = 4096,
        _ change: (inout ViTArchitecture) -> Void
    ) -> ViTArchitecture {
        make(ViTArchitecture(patch: patch, width: 1024, depth: 24, heads: 16, hidden: hidden), change)
    }

    /// DINOv2's ViT-g, with its gated MLP and layer scale.
    static func giant(
        _ patch: Int,
        depth: Int = 40,
        _ change: (inout ViTArchitecture) -> Void
    ) -> ViTArchitecture {
        make(ViTArchitecture(patch: patch, width: 1536, depth: depth, heads: 24, hidden: 8192)) {
            ($0.mlp, $0.layerScale) = (.swiglu, true)
            change(&$0)
        }
    }

    /// ViT-H with a gated MLP.
    static func virchow(_ change: (inout ViTArchitecture) -> Void) -> ViTArchitecture {
        make(ViTArchitecture(patch: 14, width: 1280, depth: 32, heads: 16, hidden: 6832)) {
            ($0.mlp, $0.layerScale, $0.pool) = (.swiglu, true, .clsMean)
            change(&$0)
        }
    }

    static let h0Mini = base(14, hidden: 4096) {
        ($0.mlp, $0.layerScale, $0.registerTokens, $0.prefixPositions) = (.swiglu, true, 4, false)
    }

    /// Four registers without positions, and a gated MLP.
    mutating func becomeDINOv2WithRegisters() {
        (mlp, layerScale, registerTokens, prefixPositions) = (.swiglu, true, 4, false)
    }

    static func conch(_ trunk: ViTArchitecture, width: Int) -> ViTArchitecture {
        make(trunk) {
            ($0.pool, $0.attentionPool) = (.attention, AttentionPoolArchitecture(width: width, heads: 8))
        }
    }

    /// OpenAI's ViT-B.
    static func clip(_ patch: Int, _ mlp: ViTArchitecture.MLP) -> ViTArchitecture {
        base(patch) {
            ($0.mlp, $0.normPre, $0.epsilon) = (mlp, true, 1e-5)
            $0.projection = ProjectionArchitecture(dim: 512)
        }
    }

    static let dinov3 = large(16) {
        ($0.layerScale, $0.registerTokens, $0.prefixPositions, $0.epsilon) = (true, 4, false, 1e-5)
        ($0.positions, $0.rope) = (.none, 100)
    }
}

extension SwinArchitecture {
    /// Swin-T with a stem of convolutions.
    static let ctransPath = {
        var made = SwinArchitecture(patch: 4, width: 96, layers: [2, 2, 6, 2], heads: [3, 6, 12, 24], window: 7)
        made.stem = .convolutions
        return made
    }()
}
