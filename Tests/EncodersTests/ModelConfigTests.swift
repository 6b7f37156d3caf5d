import Config
import Foundation
import Records
import Storage
import Testing

@testable import Pipeline

/// What the files beside weights tell.
@Suite struct ModelConfigTests {
    private func read<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    private func timm(_ json: String) throws -> ModelFacts { try read(TimmConfig.self, json).facts() }

    @Test func timmsConfigTellsHeadsByTheSizeAndTheCropByItsShare() throws {
        let facts = try timm(
            """
            {"architecture": "vit_giant_patch14_dinov2", "global_pool": "token", "pretrained_cfg": {"input_size": [3, 224, 224],
            "interpolation": "bicubic", "crop_pct": 0.875, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}
            """
        )
        #expect((facts.heads, facts.widthOfHeads, facts.pool, facts.epsilon) == (24, 1536, .cls, 1e-6))
        #expect((facts.preprocessing.input, facts.preprocessing.resize) == (224, 256))
        #expect(facts.preprocessing.interpolation == .bicubic)
        let own = try timm(#"{"architecture": "vit_giant_patch14_224", "model_args": {"num_heads": 24}}"#)
        #expect((own.heads, own.widthOfHeads) == (24, nil))
        #expect(try timm(#"{"architecture": "vit_large_patch16_dinov3", "global_pool": "avg"}"#).rope == 100)
        let gap = try timm(#"{"architecture": "vit_medium_patch16_gap_256", "global_pool": "avg"}"#)
        #expect((gap.heads, gap.widthOfHeads, gap.pool) == (8, 512, .mean))
        // Of a network without a class token another pooling is meant then.
        #expect(try timm(#"{"architecture": "vit_base_patch16_224"}"#).pool == nil)
        for name in ["swinv2_tiny_window8_256", "vit_base_patch16_rope_224", "vit_base_patch16_siglip_224"] {
            #expect(throws: UnknownPart(what: "timm's \(name)")) { try timm(#"{"architecture": "\#(name)"}"#) }
        }
        #expect(throws: UnknownPart(what: "the pooling 'map'")) {
            try timm(#"{"architecture": "vit_base_patch16_224", "global_pool": "map"}"#)
        }
    }

    @Test func ofANetworkOfStagesAConfigSaysTheInputAndASmallNumber() throws {
        let swin = try timm(
            """
            {"architecture": "swin_tiny_patch4_window7_224", "global_pool": "avg", "model_args": {"num_heads": [3, 6, 12, 24]},
            "pretrained_cfg": {"input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 0.9}}
            """
        )
        #expect((swin.heads, swin.pool, swin.epsilon) == (nil, nil, nil))
        #expect((swin.preprocessing.input, swin.preprocessing.resize) == (224, 248))
        #expect(try timm(#"{"architecture": "convnext_base"}"#).epsilon == nil)
        #expect(try timm(#"{"architecture": "convnext_xxlarge"}"#).epsilon == 1e-5)
        #expect(try timm(#"{"architecture": "convnextv2_tiny", "model_args": {"norm_eps": 1e-3}}"#).epsilon == 1e-3)
        #expect(throws: UnknownPart(what: "the pooling 'max'")) {
            try timm(#"{"architecture": "convnext_base", "global_pool": "max"}"#)
        }
    }

    @Test func headsOfASizeAreNotThoseOfAnotherWidth() throws {
        var facts = ModelFacts()
        (facts.heads, facts.widthOfHeads) = (12, 768)
        let entries = try ImportReference.named("timm-vit").weights.mapValues {
            WeightsFile.Entry(kind: $0.kind, shape: $0.shape)
        }
        let error = try #require(throws: Failure.self) { try ImportedModel(entries, facts, nil, path: "") }
        #expect(error.message.hasPrefix("the number of attention heads is not in the weights"))
        (facts.heads, facts.widthOfHeads) = (5, nil)
        let other = try #require(throws: Failure.self) { try ImportedModel(entries, facts, nil, path: "") }
        #expect(other.message == "32 numbers per token cannot be shared out to 5 heads")
    }

    @Test func transformersConfigsTellWhatShapesDoNot() throws {
        func facts(_ json: String) throws -> ModelFacts { try read(TransformersConfig.self, json).facts() }
        let clip = try facts(#"{"model_type": "clip", "vision_config": {"num_attention_heads": 16}}"#)
        #expect((clip.heads, clip.mlp, clip.epsilon) == (16, .quickGELU, 1e-5))
        #expect(try facts(#"{"model_type": "dinov3_vit", "hidden_act": "silu"}"#).rope == 100)
        #expect(try facts(#"{"model_type": "dinov2_with_registers"}"#).positionResize == .timm)
        #expect(throws: UnknownPart(what: "the activation 'gelu_new'")) { try facts(#"{"hidden_act": "gelu_new"}"#) }
    }

    @Test func aPreprocessorSaysItsSidesInSeveralWays() throws {
        func facts(_ json: String) throws -> PreprocessingFacts { try read(PreprocessorConfig.self, json).facts }
        let cropped = try facts(
            #"{"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}, "do_center_crop": true, "resample": 3}"#
        )
        #expect((cropped.input, cropped.resize, cropped.interpolation) == (224, 256, .bicubic))
        let whole = try facts(#"{"size": 224, "crop_size": 200, "do_center_crop": false, "resample": 2}"#)
        #expect((whole.input, whole.resize, whole.interpolation) == (224, nil, .bilinear))
        #expect(try facts(#"{"size": {"height": 224, "width": 224}, "crop_size": 224}"#).resize == nil)
    }

    /// Names and shapes are as foreign as everything else in a file.
    @Test(arguments: [
        ("blocks.9223372036854775807.norm1.weight", [32]), ("blocks.0.mlp.fc1.weight", [0, Int.max]),
        ("cls_token", [0, 1, Int.max]), ("patch_embed.proj.weight", [32, 3, 0, 0]), ("pos_embed", [1, Int.max, 0]),
        ("norm.weight", []),
    ])
    func namesAndSidesThatNobodyCouldCountAreRefused(name: String, shape: [Int]) throws {
        var entries = try ImportReference.named("timm-vit").weights.mapValues {
            WeightsFile.Entry(kind: $0.kind, shape: $0.shape)
        }
        entries[name] = WeightsFile.Entry(kind: .float32, shape: shape)
        var facts = ModelFacts()
        facts.heads = 4
        #expect(throws: Failure.self) { try ImportedModel(entries, facts, nil, path: "") }
    }
}
