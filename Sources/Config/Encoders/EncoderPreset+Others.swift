extension EncoderPreset {
    /// Trained on patches and what was written of them.
    static let visionLanguage = [
        EncoderPreset(
            "conch",
            "CONCH",
            from: "MahmoodLab/CONCH",
            byNCND,
            cut: (512, 0.5),
            .openAI(448),
            .vit(.conch(.base(16) { _ in }, width: 512)),
            proof: .unverified("its attention pooling is in no library; a small one of PyTorch's own layers agrees")
        ),
        EncoderPreset(
            "conch-v1.5",
            "CONCH v1.5",
            from: "MahmoodLab/conchv1_5",
            byNCND,
            cut: (512, 0.5),
            .imageNet(448, .bilinear),
            .vit(
                .conch(.large(16) { ($0.layerScale, $0.positionResize) = (true, .dinov2) }, width: 768)
            ),
            proof: .unverified("its attention pooling is in no library; a small one of PyTorch's own layers agrees")
        ),
        EncoderPreset(
            "plip",
            "PLIP",
            from: "vinid/plip",
            ("no licence file; non-commercial by its makers' word", false),
            cut: (224, 0.5),
            .openAI(224),
            .vit(.clip(32, .quickGELU)),
            proof: transformers
        ),
        EncoderPreset(
            "quiltnet-b32",
            "QuiltNet-B-32",
            from: "wisdomik/QuiltNet-B-32",
            mit,
            cut: (224, 0.5),
            .openAI(224),
            .vit(.clip(32, .gelu)),
            proof: .library("open_clip"),
            published: PublishedWeights.quiltNetB32
        ),
        EncoderPreset(
            "quiltnet-b16",
            "QuiltNet-B-16",
            from: "wisdomik/QuiltNet-B-16",
            mit,
            cut: (224, 0.5),
            .openAI(224),
            .vit(.clip(16, .gelu)),
            proof: .library("open_clip"),
            published: PublishedWeights.quiltNetB16
        ),
        EncoderPreset(
            "keep",
            "KEEP",
            from: "Astaxanthin/KEEP",
            mit,
            cut: (256, 0.5),
            .imageNet(224, .bicubic),
            .vit(
                .large(16) {
                    $0.layerScale = true
                    $0.projection = ProjectionArchitecture(dim: 768, hidden: 768, normalised: true)
                }
            ),
            proof: .unverified("its head is in no library; timm's trunk and PyTorch's own layers agree")
        ),
    ]

    /// Trained on photographs.
    static let general = [
        EncoderPreset(
            "dinov3-l",
            "DINOv3 ViT-L/16",
            from: "facebook/dinov3-vitl16-pretrain-lvd1689m",
            ("DINOv3 License", true),
            cut: nil,
            .imageNet(224, .bilinear),
            .vit(.dinov3),
            proof: transformers
        ),
        EncoderPreset(
            "resnet50",
            "ResNet-50 (ImageNet)",
            from: "timm/resnet50.tv_in1k",
            ("BSD-3-Clause", true),
            cut: nil,
            .imageNet(224, .bilinear),
            .resnet(ResNetArchitecture(block: .bottleneck, layers: [3, 4, 6, 3])),
            proof: timm,
            published: PublishedWeights.resNet50
        ),
        EncoderPreset(
            "mobilenet-v2",
            "MobileNetV2 (ImageNet)",
            from: "torchvision's MobileNet_V2_Weights",
            ("BSD-3-Clause", true),
            cut: nil,
            .imageNet(224, .bilinear),
            .mobilenet(MobileNetArchitecture()),
            proof: .library("torchvision"),
            published: PublishedWeights.mobileNetV2
        ),
        EncoderPreset(
            "resnet50-clam",
            "ResNet-50, CLAM's truncation",
            from: "timm/resnet50.tv_in1k",
            ("BSD-3-Clause", true),
            cut: nil,
            .imageNet(224, .bilinear),
            .resnet(ResNetArchitecture(block: .bottleneck, layers: [3, 4, 6])),
            proof: timm,
            published: PublishedWeights.resNet50
        ),
    ]
}
