import Config
import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Encoders
@testable import Pipeline

/// Swin transformers and ConvNeXts: what is told of them by their tensors, and what is refused.
@Suite struct StagedImportTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func architecture(_ name: String, input: Int? = nil) throws -> EncoderArchitecture {
        try #require(try ImportReference.named(name).imported(scratch, input: input).manifest.architecture)
    }

    @Test func aSwinIsToldByItsShapes() throws {
        var wanted = SwinArchitecture(patch: 4, width: 32, layers: [2, 2], heads: [2, 4], window: 4)
        #expect(try architecture("timm-swin") == .swin(wanted))
        wanted.stemNorm = false
        #expect(try architecture("swin-earlier") == .swin(wanted))
        var ctransPath = SwinArchitecture(patch: 4, width: 32, layers: [2, 2], heads: [2, 4], window: 7)
        ctransPath.stem = .convolutions
        #expect(try architecture("ctranspath") == .swin(ctransPath))
        let small = SwinArchitecture(patch: 2, width: 16, layers: [2, 1, 2], heads: [2, 1, 4], window: 6)
        let report = try ImportReference.named("timm-swin-small-maps").imported(scratch)
        #expect(report.manifest.architecture == .swin(small))
        // The window of its last stage is the whole map of 3.
        #expect((report.manifest.input, report.manifest.dim) == (24, 64))
    }

    @Test func aConvNeXtIsToldByItsShapes() throws {
        var wanted = ConvNeXtArchitecture(patch: 4, width: 8, layers: [1, 2, 1, 1])
        #expect(try architecture("timm-convnext") == .convnext(wanted))
        (wanted.layerScale, wanted.responseNorm) = (false, true)
        #expect(try architecture("timm-convnext-v2") == .convnext(wanted))
    }

    /// timm reads the makers' files by the same rules (`checkpoint_filter_fn`).
    @Test func theMakersNamesOfAConvNeXtAreKnown() throws {
        for name in ["timm-convnext", "timm-convnext-v2"] {
            let reference = try ImportReference.named(name)
            let plain = try reference.imported(scratch).manifest
            let makers = try reference.imported(scratch) { weights in
                weights = Dictionary(uniqueKeysWithValues: weights.map { (Self.makers($0), $1) })
            }.manifest
            #expect(makers.sha256 == plain.sha256, "\(name)")
        }
    }

    private static func makers(_ name: String) -> String {
        var name = name.replacing(#/^stem\./#, with: "downsample_layers.0.")
        name = name.replacing(#/^stages\.(\d)\.downsample\./#) { "downsample_layers.\($0.output.1)." }
        name = name.replacing(#/^stages\.(\d)\.blocks\.(\d)\./#) { "stages.\($0.output.1).\($0.output.2)." }
        for (ours, theirs) in [
            ("conv_dw.", "dwconv."), ("mlp.fc1.", "pwconv1."), ("mlp.fc2.", "pwconv2."), ("head.norm.", "norm."),
            ("mlp.grn.weight", "grn.gamma"), ("mlp.grn.bias", "grn.beta"),
        ] { name = name.replacing(ours, with: theirs) }
        return name
    }

    @Test func anInputThatWindowsDoNotDivideIsRefused() throws {
        func refusal(_ name: String, input: Int) throws -> String {
            try #require(throws: Failure.self) { try architecture(name, input: input) }.message
        }
        #expect(
            try refusal("timm-swin", input: 40)
                == "input: 40 pixels give a map of 10 × 10 tokens, which windows of 4 do not divide; a multiple of 32 is wanted"
        )
        #expect(try refusal("timm-swin", input: 36).hasPrefix("input: 36 is no multiple of 8 pixels, and each stage"))
        #expect(
            try refusal("timm-convnext", input: 28)
                == "input: 28 pixels leave nothing for the last stage; 32 or more are wanted"
        )
    }

    @Test func tensorsThatDoNotFitAreNamed() throws {
        func refusal(_ name: String, _ edit: (inout [String: StoredTensor]) -> Void) throws -> String {
            let reference = try ImportReference.named(name)
            return try #require(throws: Failure.self) { try reference.imported(scratch, edit: edit) }.message
        }
        let one = StoredTensor(shape: [1], floats: [1])
        #expect(
            try refusal("ctranspath") { $0["layers.0.downsample.norm.bias"] = nil }
                .contains("missing: layers.1.downsample.norm.bias; ")
        )
        #expect(
            try refusal("ctranspath") { $0["layers.0.downsample.norm.bias"] = one }
                .contains("layers.0.downsample.norm.bias has the shape [1], and [128] is wanted; ")
        )
        #expect(
            try refusal("timm-swin") { $0["absolute_pos_embed"] = one }.contains("not known: absolute_pos_embed; ")
        )
        #expect(
            try refusal("timm-swin") {
                $0["norm.bias"] = StoredTensor(kind: .int8, shape: [64], bytes: Data(count: 64))
            }.contains("norm.bias holds I8, no fractions; ")
        )
        #expect(
            try refusal("timm-swin") { $0["patch_embed.proj.weight"] = one }
                .hasPrefix("patch_embed.proj.weight has the shape [1], so that")
        )
        #expect(
            try refusal("timm-convnext") { weights in
                for (name, tensor) in weights {
                    (weights["a.\(name)"], weights["b.\(name)"], weights[name]) = (tensor, tensor, nil)
                }
            }.hasPrefix("the file holds several models: 'a.', 'b.'; ")
        )
    }

    /// Tokens that turning brought together are kept apart, and others are not.
    @Test func windowsOfATurnedMapKnowTheirParts() throws {
        let grid = WindowGrid(side: 4, window: 2, isShifted: true)
        #expect((grid.shift, grid.windows) == (1, 4))
        #expect(grid.order.prefix(8) == [5, 6, 9, 10, 7, 4, 11, 8])
        #expect([5, 4].positions(in: grid.order) == [0, 5])
        let bias = grid.bias((0..<9).map { Float($0) }, heads: 1)
        // The first window lies in one part; the number of distance (-1, 0) is the second.
        #expect(bias[0..<4] == [4, 3, 1, 0])
        // The second holds both sides of the map.
        #expect(bias[16..<20] == [4, -97, 1, -100])
        #expect(WindowGrid(side: 2, window: 4, isShifted: true).shift == 0)
    }
}
