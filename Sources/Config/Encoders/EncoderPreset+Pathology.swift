extension EncoderPreset {
    /// Trained on slides alone.
    static let pathology = [
        EncoderPreset(
            "uni",
            "UNI",
            from: "MahmoodLab/UNI",
            byNCND,
            cut: (256, 0.5),
            .imageNet(224, .bilinear),
            .vit(.large(16) { $0.layerScale = true }),
            proof: timm
        ),
        EncoderPreset(
            "uni2-h",
            "UNI2-h",
            from: "MahmoodLab/UNI2-h",
            byNCND,
            cut: (256, 0.5),
            .imageNet(224, .bilinear),
            .vit(.giant(14, depth: 24) { ($0.registerTokens, $0.prefixPositions) = (8, false) }),
            proof: timm
        ),
        EncoderPreset(
            "virchow",
            "Virchow",
            from: "paige-ai/Virchow",
            apache,
            cut: (224, 0.5),
            .imageNet(224, .bicubic),
            .vit(.virchow { _ in }),
            proof: timm
        ),
        EncoderPreset(
            "virchow2",
            "Virchow2",
            from: "paige-ai/Virchow2",
            byNCND,
            cut: (224, 0.5),
            .imageNet(224, .bicubic),
            .vit(.virchow { $0.registerTokens = 4 }),
            proof: timm
        ),
        EncoderPreset(
            "h-optimus-0",
            "H-optimus-0",
            from: "bioptimus/H-optimus-0",
            apache,
            cut: (224, 0.5),
            .bioptimus,
            .vit(.giant(14) { ($0.registerTokens, $0.prefixPositions) = (4, false) }),
            proof: timm,
            published: PublishedWeights.hOptimus0
        ),
        EncoderPreset(
            "h-optimus-1",
            "H-optimus-1",
            from: "bioptimus/H-optimus-1",
            byNCND,
            cut: (224, 0.5),
            .bioptimus,
            .vit(.giant(14) { ($0.registerTokens, $0.prefixPositions) = (4, false) }),
            proof: timm
        ),
        EncoderPreset(
            "h0-mini",
            "H0-mini",
            from: "bioptimus/H0-mini",
            byNCND,
            cut: (224, 0.5),
            .bioptimus,
            .vit(.h0Mini),
            proof: .unverified("the sizes of its layers are worked out from its card")
        ),
        EncoderPreset(
            "gigapath",
            "Prov-GigaPath",
            from: "prov-gigapath/prov-gigapath",
            ("Apache-2.0 with conditions", false),
            cut: (256, 0.5),
            .imageNet(224, .bicubic, resize: 256),
            .vit(.giant(16) { _ in }),
            proof: timm
        ),
        EncoderPreset(
            "phikon",
            "Phikon",
            from: "owkin/phikon",
            owkin,
            cut: (224, 0.5),
            .imageNet(224, .bilinear),
            .vit(.base(16) { $0.epsilon = 1e-12 }),
            proof: transformers
        ),
        EncoderPreset(
            "phikon-v2",
            "Phikon-v2",
            from: "owkin/phikon-v2",
            owkin,
            cut: (224, 0.5),
            .imageNet(224, .bicubic),
            .vit(.large(16) { $0.layerScale = true }),
            proof: transformers,
            published: PublishedWeights.phikon2
        ),
        EncoderPreset(
            "midnight",
            "Midnight-12k",
            from: "kaiko-ai/midnight",
            mit,
            cut: (224, 0.5),
            .halves(224, .bilinear),
            .vit(.giant(14) { ($0.pool, $0.positionResize) = (.clsMean, .transformers) }),
            proof: transformers
        ),
        EncoderPreset(
            "hibou-b",
            "Hibou-B",
            from: "histai/hibou-b",
            apache,
            cut: (224, 0.5),
            .hibou,
            .vit(.base(14, hidden: 4096) { $0.becomeDINOv2WithRegisters() }),
            proof: .unverified("its own copy of transformers' Dinov2 comes with its weights")
        ),
        EncoderPreset(
            "hibou-l",
            "Hibou-L",
            from: "histai/hibou-L",
            apache,
            cut: (224, 0.5),
            .hibou,
            .vit(.large(14, hidden: 5472) { $0.becomeDINOv2WithRegisters() }),
            proof: .unverified("its own copy of transformers' Dinov2 comes with its weights")
        ),
        EncoderPreset(
            "openmidnight",
            "OpenMidnight",
            from: "SophontAI/OpenMidnight",
            apache,
            cut: (224, 0.5),
            .imageNet(224, .bilinear),
            .vit(.giant(14) { ($0.registerTokens, $0.prefixPositions) = (4, false) }),
            proof: dinov2
        ),
        EncoderPreset(
            "gpfm",
            "GPFM",
            from: "majiabo/GPFM",
            byNCND,
            cut: (512, 0.25),
            .imageNet(224, .bicubic),
            .vit(.large(14) { $0.layerScale = true }),
            proof: dinov2
        ),
        EncoderPreset(
            "lunit-s16",
            "Lunit DINO ViT-S/16",
            from: "1aurent/vit_small_patch16_224.lunit_dino",
            lunit,
            cut: (224, 0.5),
            .lunit,
            .vit(.small(16)),
            proof: timm
        ),
        EncoderPreset(
            "lunit-s8",
            "Lunit DINO ViT-S/8",
            from: "1aurent/vit_small_patch8_224.lunit_dino",
            lunit,
            cut: (224, 0.5),
            .lunit,
            .vit(.small(8)),
            proof: timm,
            published: PublishedWeights.lunitS8
        ),
        EncoderPreset(
            "kaiko-s16",
            "Kaiko ViT-S/16",
            from: "1aurent/vit_small_patch16_224.kaiko_ai_towards_large_pathology_fms",
            kaiko,
            cut: (256, 0.5),
            .halves(224, .bilinear),
            .vit(.small(16)),
            proof: timm
        ),
        EncoderPreset(
            "kaiko-s8",
            "Kaiko ViT-S/8",
            from: "1aurent/vit_small_patch8_224.kaiko_ai_towards_large_pathology_fms",
            kaiko,
            cut: (256, 0.5),
            .halves(224, .bilinear),
            .vit(.small(8)),
            proof: timm
        ),
        EncoderPreset(
            "kaiko-b16",
            "Kaiko ViT-B/16",
            from: "1aurent/vit_base_patch16_224.kaiko_ai_towards_large_pathology_fms",
            kaiko,
            cut: (256, 0.5),
            .halves(224, .bilinear),
            .vit(.base(16) { _ in }),
            proof: timm
        ),
        EncoderPreset(
            "kaiko-b8",
            "Kaiko ViT-B/8",
            from: "1aurent/vit_base_patch8_224.kaiko_ai_towards_large_pathology_fms",
            kaiko,
            cut: (256, 0.5),
            .halves(224, .bilinear),
            .vit(.base(8) { _ in }),
            proof: timm
        ),
        EncoderPreset(
            "kaiko-l14",
            "Kaiko ViT-L/14",
            from: "1aurent/vit_large_patch14_reg4_224.kaiko_ai_towards_large_pathology_fms",
            kaiko,
            cut: (256, 0.5),
            .halves(224, .bilinear),
            .vit(
                .large(14) {
                    ($0.layerScale, $0.registerTokens, $0.prefixPositions) = (true, 4, false)
                    $0.positionResize = .timm
                }
            ),
            proof: timm
        ),
        EncoderPreset(
            "ctranspath",
            "CTransPath",
            from: "Xiyue-Wang/TransPath",
            ("GPL-3.0, for non-commercial academic use", false),
            cut: (224, 1),
            .imageNet(224, .bilinear),
            .swin(.ctransPath),
            proof: .library("slideflow-gpl")
        ),
    ]
}
