import Config

/// A `config.json` as transformers writes it, as far as it tells what shapes do not.
struct TransformersConfig: Decodable {
    var model_type: String?
    var num_attention_heads: Int?
    var layer_norm_eps: Double?
    var hidden_act: String?
    var rope_theta: Double?
    var image_size: Int?
    /// Of CLIP.
    var vision_config: Vision?

    struct Vision: Decodable {
        var num_attention_heads: Int?
        var layer_norm_eps: Double?
        var hidden_act: String?
        var image_size: Int?
    }

    /// - Throws: `UnknownPart` for an activation that is not built here.
    func facts() throws -> ModelFacts {
        var facts = ModelFacts()
        // What transformers takes where a config of CLIP leaves it out.
        let isCLIP = model_type?.hasPrefix("clip") == true
        facts.heads = vision_config?.num_attention_heads ?? num_attention_heads ?? (isCLIP ? 12 : nil)
        facts.epsilon = vision_config?.layer_norm_eps ?? layer_norm_eps ?? (isCLIP ? 1e-5 : nil)
        facts.mlp = try Self.mlp(vision_config?.hidden_act ?? hidden_act ?? (isCLIP ? "quick_gelu" : "gelu"))
        facts.preprocessing.input = vision_config?.image_size ?? image_size
        if model_type == "dinov3_vit" { facts.rope = rope_theta ?? 100 }
        if model_type == "dinov2_with_registers" { facts.positionResize = .timm }
        return facts
    }

    private static func mlp(_ activation: String) throws -> ViTArchitecture.MLP? {
        switch activation {
        case "gelu": .gelu
        case "quick_gelu": .quickGELU
        // Of a gate, whose shapes tell it.
        case "silu": nil
        default: throw UnknownPart(what: "the activation '\(activation)'")
        }
    }
}

/// A part of a network that is not built here.
struct UnknownPart: Error, Equatable { var what: String }

/// A `config.json` as timm writes it.
struct TimmConfig: Decodable {
    var architecture: String
    var global_pool: String?
    var model_args: Arguments?
    var pretrained_cfg: Pretrained?

    struct Arguments: Decodable {
        var num_heads: Heads?
        var global_pool: String?
        var rope_temperature: Double?
        var norm_eps: Double?
    }

    /// A number, or one for each stage, which shapes tell.
    struct Heads: Decodable {
        var number: Int?

        init(from decoder: any Decoder) throws { number = try? decoder.singleValueContainer().decode(Int.self) }
    }

    struct Pretrained: Decodable {
        var input_size: [Int]?
        var interpolation: String?
        var crop_pct: Double?
        var mean: [Double]?
        var std: [Double]?
    }

    /// Heads, and the width that has so many, by how timm calls the sizes; names with words after them come first.
    private static let sizes: [(name: String, heads: Int, width: Int)] = [
        ("vit_tiny_", 3, 192), ("vit_small_", 6, 384), ("vit_medium_", 8, 512), ("vit_base_", 12, 768),
        ("vit_large_", 16, 1024),
        ("vit_huge_plus_", 20, 1280), ("vit_huge_", 16, 1280), ("vit_giant_patch14_dinov2", 24, 1536),
        ("vit_giant_patch14_reg4_dinov2", 24, 1536), ("vit_giant_", 16, 1408), ("vit_gigantic_", 16, 1664),
        ("eva_giant_", 16, 1408),
    ]

    /// What names of networks of stages begin with.
    private static let staged = ["swin_", "convnext_", "convnextv2_"]

    /// Words in names of networks that have parts which leave no trace in their tensors.
    private static let unknown = ["_rope_", "_siglip", "_rpn_", "_srelpos", "_parallel", "_pe_", "_naflex"]

    /// - Throws: `UnknownPart` for networks that are not built here.
    func facts() throws -> ModelFacts {
        if Self.staged.contains(where: { architecture.hasPrefix($0) }) { return try stagedFacts() }
        let isKnown = architecture.hasPrefix("vit_") || architecture.hasPrefix("eva_giant_")
        guard isKnown, !Self.unknown.contains(where: { architecture.contains($0) }) else {
            throw UnknownPart(what: "timm's \(architecture)")
        }
        var facts = ModelFacts()
        let size = Self.sizes.first { architecture.hasPrefix($0.name) }
        (facts.heads, facts.widthOfHeads) = (size?.heads, size?.width)
        if let heads = model_args?.num_heads?.number { (facts.heads, facts.widthOfHeads) = (heads, nil) }
        let isDINOv3 = architecture.contains("dinov3")
        facts.epsilon = isDINOv3 || architecture.contains("_clip_") ? 1e-5 : 1e-6
        facts.rope = isDINOv3 ? model_args?.rope_temperature ?? 100 : nil
        facts.mlp = architecture.contains("quickgelu") ? .quickGELU : .gelu
        switch global_pool ?? model_args?.global_pool {
        case "avg": facts.pool = .mean
        case "token", "": facts.pool = .cls
        case nil: break
        case let pool?: throw UnknownPart(what: "the pooling '\(pool)'")
        }
        facts.preprocessing = pretrained_cfg?.preprocessing ?? PreprocessingFacts()
        return facts
    }
}

extension TimmConfig {
    /// Of networks whose shapes tell everything but a small number.
    fileprivate func stagedFacts() throws -> ModelFacts {
        if let pool = global_pool ?? model_args?.global_pool, !["avg", ""].contains(pool) {
            throw UnknownPart(what: "the pooling '\(pool)'")
        }
        var facts = ModelFacts()
        facts.epsilon = model_args?.norm_eps ?? (architecture.hasPrefix("convnext_xxlarge") ? 1e-5 : nil)
        facts.preprocessing = pretrained_cfg?.preprocessing ?? PreprocessingFacts()
        return facts
    }
}

extension TimmConfig.Pretrained {
    fileprivate var preprocessing: PreprocessingFacts {
        var facts = PreprocessingFacts(mean: mean, std: std)
        facts.interpolation = interpolation.flatMap { EncoderManifest.Interpolation(rawValue: $0) }
        if let side = input_size?.last, side > 0, side <= 4096 {
            facts.input = side
            if let share = crop_pct, share >= 0.1, share < 1 {
                facts.resize = Int((Double(side) / share).rounded(.down))
            }
        }
        return facts
    }
}

/// An `open_clip_config.json`.
struct OpenCLIPConfig: Decodable {
    var model_cfg: Model
    var preprocess_cfg: Preprocessing?

    struct Model: Decodable {
        var quick_gelu: Bool?
        var vision_cfg: Vision
    }

    struct Vision: Decodable {
        var image_size: Int?
        var width: Int?
        var head_width: Int?
    }

    struct Preprocessing: Decodable {
        var mean: [Double]?
        var std: [Double]?
        var interpolation: String?
    }

    func facts() -> ModelFacts {
        var facts = ModelFacts()
        let vision = model_cfg.vision_cfg
        let size = vision.head_width ?? 64
        if let width = vision.width, size > 0 { facts.heads = width / size }
        (facts.epsilon, facts.mlp) = (1e-5, model_cfg.quick_gelu == true ? .quickGELU : .gelu)
        facts.preprocessing = PreprocessingFacts(
            input: vision.image_size,
            interpolation: preprocess_cfg?.interpolation.flatMap { EncoderManifest.Interpolation(rawValue: $0) }
                ?? .bicubic,
            mean: preprocess_cfg?.mean,
            std: preprocess_cfg?.std
        )
        return facts
    }
}

/// A `preprocessor_config.json` of transformers.
struct PreprocessorConfig: Decodable {
    var size: Side?
    var crop_size: Side?
    var do_center_crop: Bool?
    var resample: Int?
    var image_mean: [Double]?
    var image_std: [Double]?

    /// A side as transformers writes it: a number, or an object of one or two.
    struct Side: Decodable {
        var pixels: Int?

        private enum CodingKeys: String, CodingKey { case shortest_edge, height }

        init(from decoder: any Decoder) throws {
            if let number = try? decoder.singleValueContainer().decode(Int.self) {
                pixels = number
            } else {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                pixels =
                    try container.decodeIfPresent(Int.self, forKey: .shortest_edge)
                    ?? container.decodeIfPresent(Int.self, forKey: .height)
            }
        }
    }

    var facts: PreprocessingFacts {
        var facts = PreprocessingFacts(mean: image_mean, std: image_std)
        // Pillow's numbers.
        facts.interpolation = resample.flatMap { [2: .bilinear, 3: .bicubic][$0] }
        let cropped = do_center_crop == false ? nil : crop_size?.pixels
        facts.input = cropped ?? size?.pixels
        if let cropped, let resized = size?.pixels, resized > cropped { facts.resize = resized }
        return facts
    }
}
