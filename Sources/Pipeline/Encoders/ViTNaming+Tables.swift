import Config

extension ViTNaming {
    private static func rows(_ rows: [NameRow]...) -> [NameRow] { rows.flatMap { $0 } }

    /// What timm and dinov2's own repository have in common.
    private static let plainTrunk = rows(
        NameRow.layer("patch_embed.proj", "patch_embed.proj"),
        [
            NameRow("cls_token", ["cls_token"]), NameRow("reg_token", ["reg_token"], ["register_tokens"]),
            NameRow("pos_embed", ["pos_embed"]),
        ],
        NameRow.norm("norm_pre", "norm_pre"),
        NameRow.norm("norm", "norm"),
        NameRow.norm("fc_norm", "fc_norm")
    )

    private static let plainBlock = rows(
        NameRow.norm("norm1", "norm1"),
        [
            NameRow(
                "attn.qkv.weight",
                ["attn.qkv.weight"],
                ["attn.q_proj.weight", "attn.k_proj.weight", "attn.v_proj.weight"]
            ),
            NameRow(
                "attn.qkv.bias",
                ["attn.qkv.bias"],
                ["attn.q_bias", .zeros, "attn.v_bias"],
                ["attn.q_proj.bias", "attn.k_proj.bias", "attn.v_proj.bias"],
                ["attn.q_proj.bias", .zeros, "attn.v_proj.bias"],
                [.zeros]
            ),
        ],
        NameRow.norm("attn.q_norm", "attn.q_norm"),
        NameRow.norm("attn.k_norm", "attn.k_norm"),
        NameRow.layer("attn.proj", "attn.proj"),
        [NameRow("ls1.gamma", ["ls1.gamma"], ["gamma_1"])],
        NameRow.norm("norm2", "norm2"),
        [
            NameRow(
                "mlp.fc1.weight",
                ["mlp.fc1.weight"],
                ["mlp.fc1_g.weight", "mlp.fc1_x.weight"],
                ["mlp.w12.weight"],
                ["mlp.w1.weight", "mlp.w2.weight"]
            ),
            NameRow(
                "mlp.fc1.bias",
                ["mlp.fc1.bias"],
                ["mlp.fc1_g.bias", "mlp.fc1_x.bias"],
                ["mlp.w12.bias"],
                ["mlp.w1.bias", "mlp.w2.bias"],
                [.zeros]
            ),
        ],
        NameRow.layer("mlp.fc2", "mlp.fc2", "mlp.w3"),
        [NameRow("ls2.gamma", ["ls2.gamma"], ["gamma_2"])]
    )

    static let timm = ViTNaming(
        kind: .timm,
        marks: ["patch_embed.proj.weight", "blocks.0.norm1.weight"],
        blockPrefix: "blocks.",
        trunk: plainTrunk,
        block: plainBlock,
        unused: ["head.", "head_drop.", "head_dist.", "mask_token", "rope."],
        positionResize: .timm
    )

    /// Told from timm's by a token that only training needs, and by its own names.
    static let dinov2 = ViTNaming(
        kind: .dinov2,
        marks: ["patch_embed.proj.weight", "blocks.0.norm1.weight"],
        tells: ["mask_token", "register_tokens", "blocks.0.mlp.w12.weight"],
        blockPrefix: "blocks.",
        trunk: plainTrunk,
        block: plainBlock,
        unused: ["head.", "mask_token"],
        positionResize: .dinov2
    )

    private static let transformersTrunk = rows(
        NameRow.layer("patch_embed.proj", "embeddings.patch_embeddings.projection"),
        [
            NameRow("cls_token", ["embeddings.cls_token"]),
            NameRow("reg_token", ["embeddings.register_tokens"]),
            NameRow("pos_embed", ["embeddings.position_embeddings"]),
        ],
        NameRow.norm("norm", "layernorm")
    )

    private static let transformersAttention = [
        NameRow(
            "attn.qkv.weight",
            [
                "attention.attention.query.weight", "attention.attention.key.weight",
                "attention.attention.value.weight",
            ]
        ),
        NameRow(
            "attn.qkv.bias",
            ["attention.attention.query.bias", "attention.attention.key.bias", "attention.attention.value.bias"],
            [.zeros]
        ),
    ]

    static let transformersViT = ViTNaming(
        kind: .transformersViT,
        marks: ["embeddings.patch_embeddings.projection.weight", "encoder.layer.0.layernorm_before.weight"],
        blockPrefix: "encoder.layer.",
        trunk: transformersTrunk,
        block: rows(
            NameRow.norm("norm1", "layernorm_before"),
            transformersAttention,
            NameRow.layer("attn.proj", "attention.output.dense"),
            NameRow.norm("norm2", "layernorm_after"),
            NameRow.layer("mlp.fc1", "intermediate.dense"),
            NameRow.layer("mlp.fc2", "output.dense")
        ),
        unused: ["embeddings.mask_token", "pooler.", "classifier.", "decoder."],
        positionResize: .transformers
    )

    static let transformersDINOv2 = ViTNaming(
        kind: .transformersDINOv2,
        marks: ["embeddings.patch_embeddings.projection.weight", "encoder.layer.0.norm1.weight"],
        blockPrefix: "encoder.layer.",
        trunk: transformersTrunk,
        block: rows(
            NameRow.norm("norm1", "norm1"),
            transformersAttention,
            NameRow.layer("attn.proj", "attention.output.dense"),
            [NameRow("ls1.gamma", ["layer_scale1.lambda1"])],
            NameRow.norm("norm2", "norm2"),
            NameRow.layer("mlp.fc1", "mlp.fc1", "mlp.weights_in"),
            NameRow.layer("mlp.fc2", "mlp.fc2", "mlp.weights_out"),
            [NameRow("ls2.gamma", ["layer_scale2.lambda1"])]
        ),
        unused: ["embeddings.mask_token", "pooler.", "classifier."],
        positionResize: .transformers
    )

    static let transformersDINOv3 = ViTNaming(
        kind: .transformersDINOv3,
        marks: ["embeddings.patch_embeddings.weight", "layer.0.norm1.weight"],
        blockPrefix: "layer.",
        trunk: rows(
            NameRow.layer("patch_embed.proj", "embeddings.patch_embeddings"),
            [
                NameRow("cls_token", ["embeddings.cls_token"]), NameRow("reg_token", ["embeddings.register_tokens"]),
            ],
            NameRow.norm("norm", "norm")
        ),
        block: rows(
            NameRow.norm("norm1", "norm1"),
            [
                NameRow(
                    "attn.qkv.weight",
                    ["attention.q_proj.weight", "attention.k_proj.weight", "attention.v_proj.weight"]
                ),
                NameRow(
                    "attn.qkv.bias",
                    ["attention.q_proj.bias", "attention.k_proj.bias", "attention.v_proj.bias"],
                    ["attention.q_proj.bias", .zeros, "attention.v_proj.bias"],
                    [.zeros]
                ),
            ],
            NameRow.layer("attn.proj", "attention.o_proj"),
            [NameRow("ls1.gamma", ["layer_scale1.lambda1"])],
            NameRow.norm("norm2", "norm2"),
            [
                NameRow("mlp.fc1.weight", ["mlp.gate_proj.weight", "mlp.up_proj.weight"], ["mlp.up_proj.weight"]),
                NameRow("mlp.fc1.bias", ["mlp.gate_proj.bias", "mlp.up_proj.bias"], ["mlp.up_proj.bias"], [.zeros]),
            ],
            NameRow.layer("mlp.fc2", "mlp.down_proj"),
            [NameRow("ls2.gamma", ["layer_scale2.lambda1"])]
        ),
        unused: ["embeddings.mask_token", "rope_embeddings."],
        positionResize: .transformers
    )

    static let transformersCLIP = ViTNaming(
        kind: .transformersCLIP,
        marks: ["vision_model.embeddings.class_embedding", "vision_model.pre_layrnorm.weight"],
        trunkPrefix: "vision_model.",
        blockPrefix: "encoder.layers.",
        trunk: rows(
            NameRow.layer("patch_embed.proj", "embeddings.patch_embedding"),
            [
                NameRow("cls_token", ["embeddings.class_embedding"]),
                NameRow("pos_embed", ["embeddings.position_embedding.weight"]),
            ],
            NameRow.norm("norm_pre", "pre_layrnorm"),
            NameRow.norm("norm", "post_layernorm")
        ),
        block: rows(
            NameRow.norm("norm1", "layer_norm1"),
            [
                NameRow(
                    "attn.qkv.weight",
                    ["self_attn.q_proj.weight", "self_attn.k_proj.weight", "self_attn.v_proj.weight"]
                ),
                NameRow(
                    "attn.qkv.bias",
                    ["self_attn.q_proj.bias", "self_attn.k_proj.bias", "self_attn.v_proj.bias"]
                ),
            ],
            NameRow.layer("attn.proj", "self_attn.out_proj"),
            NameRow.norm("norm2", "layer_norm2"),
            NameRow.layer("mlp.fc1", "mlp.fc1"),
            NameRow.layer("mlp.fc2", "mlp.fc2")
        ),
        head: [NameRow("projection.weight", ["visual_projection.weight"])],
        unused: [
            "vision_model.embeddings.position_ids", "text_model.", "text_projection.", "logit_scale", "text_embeds",
        ],
        positionResize: .transformers
    )
}
