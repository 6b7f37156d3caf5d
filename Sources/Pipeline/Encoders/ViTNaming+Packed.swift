import Config

/// Namings whose layers are those of `torch.nn.MultiheadAttention`, and of models that put a head of their own on timm's.
extension ViTNaming {
    private static func rows(_ rows: [NameRow]...) -> [NameRow] { rows.flatMap { $0 } }

    static let openCLIP = ViTNaming(
        kind: .openCLIP,
        marks: ["class_embedding", "ln_pre.weight", "transformer.resblocks.0.attn.in_proj_weight"],
        blockPrefix: "transformer.resblocks.",
        trunk: rows(
            NameRow.layer("patch_embed.proj", "conv1"),
            [NameRow("cls_token", ["class_embedding"]), NameRow("pos_embed", ["positional_embedding"])],
            NameRow.norm("norm_pre", "ln_pre"),
            NameRow.norm("norm", "ln_post")
        ),
        block: rows(
            NameRow.norm("norm1", "ln_1"),
            [
                NameRow("attn.qkv.weight", ["attn.in_proj_weight"]), NameRow("attn.qkv.bias", ["attn.in_proj_bias"]),
            ],
            NameRow.layer("attn.proj", "attn.out_proj"),
            [NameRow("ls1.gamma", ["ls_1.gamma"])],
            NameRow.norm("norm2", "ln_2"),
            NameRow.layer("mlp.fc1", "mlp.c_fc"),
            NameRow.layer("mlp.fc2", "mlp.c_proj"),
            [NameRow("ls2.gamma", ["ls_2.gamma"])]
        ),
        head: [NameRow("projection.weight", [.transposed("proj")])],
        positionResize: .timm
    )

    /// CONCH (a trunk of timm 0.9, `nn.MultiheadAttention` with keys of another width) and CONCH v1.5 (layers without bias).
    static let conch = ViTNaming(
        kind: .conch,
        marks: ["trunk.patch_embed.proj.weight", "attn_pool_contrast.query"],
        trunkPrefix: "trunk.",
        blockPrefix: "blocks.",
        trunk: timm.trunk,
        block: timm.block,
        head: rows(
            [
                NameRow("attn_pool.query", ["attn_pool_contrast.query"]),
                NameRow(
                    "attn_pool.q.weight",
                    ["attn_pool_contrast.attn.q_proj_weight"],
                    ["attn_pool_contrast.to_q.weight"]
                ),
                NameRow("attn_pool.q.bias", [.part("attn_pool_contrast.attn.in_proj_bias", 0..<1, of: 3)], [.zeros]),
                NameRow(
                    "attn_pool.kv.weight",
                    ["attn_pool_contrast.attn.k_proj_weight", "attn_pool_contrast.attn.v_proj_weight"],
                    ["attn_pool_contrast.to_kv.weight"]
                ),
                NameRow("attn_pool.kv.bias", [.part("attn_pool_contrast.attn.in_proj_bias", 1..<3, of: 3)], [.zeros]),
            ],
            NameRow.norm("attn_pool.norm_q", "attn_pool_contrast.ln_q"),
            NameRow.norm("attn_pool.norm_k", "attn_pool_contrast.ln_k"),
            NameRow.layer("attn_pool.proj", "attn_pool_contrast.attn.out_proj", "attn_pool_contrast.to_out"),
            NameRow.norm("attn_pool.norm", "ln_contrast")
        ),
        // What CONCH's own paper compares slides with is what comes before its projection to texts.
        unused: ["proj_contrast", "attn_pool_caption.", "ln_caption.", "head."],
        positionResize: .dinov2
    )

    static let keep = ViTNaming(
        kind: .keep,
        marks: ["visual.patch_embed.proj.weight", "visual_head.0.weight"],
        trunkPrefix: "visual.",
        blockPrefix: "blocks.",
        trunk: timm.trunk,
        block: timm.block,
        head: NameRow.layer("projection.fc1", "visual_head.0") + NameRow.layer("projection.fc2", "visual_head.2"),
        unused: ["text.", "logit_scale"],
        positionResize: .timm
    )
}
