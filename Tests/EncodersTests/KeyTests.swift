import Config
import Encoders
import Files
import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Pipeline

/// That each key of encoder.json does something: changed or left out, it moves the features or is refused.
@Suite struct KeyTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// What a change does to the features of a reference's first input: the largest difference; nil where it is refused.
    private func effect(
        on name: String,
        side: Int? = nil,
        input: Int? = nil,
        _ change: (inout [String: Any], inout [String: Any]) -> Void
    ) throws -> Float? {
        let reference = try ImportReference.named(name)
        let report = try reference.imported(scratch, input: input)
        let side = side ?? report.manifest.input
        let before = try features(report.manifest, side: side)
        let data = try Data(contentsOf: report.file)
        var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        var architecture = object["architecture"] as? [String: Any] ?? [:]
        change(&object, &architecture)
        object["architecture"] = architecture
        try AtomicFile.write(JSONSerialization.data(withJSONObject: object), to: report.file)
        do {
            let after = try features(EncoderManifest(contentsOf: report.file), side: side)
            return zip(before, after).map { abs($0 - $1) }.max()
        } catch EncoderError.unsuitable { return nil } catch is ConfigError { return nil }
    }

    private func features(_ manifest: EncoderManifest, side: Int) throws -> [Float] {
        let encoder = try FrozenEncoder(
            manifest,
            trustedBy: TrustStore(at: scratch["trusted.json"]),
            precision: .fp32
        )
        return try Recipe.pixels(side: side).withUnsafeBytes { try encoder.encode(pixels: $0, count: 2, side: side) }
    }

    /// Of networks at another size than that of their positions, where there is one.
    static let changes: [(name: String, input: Int?, key: String, value: any Sendable)] = [
        ("timm-vit", 48, "position_resize", "dinov2"), ("timm-vit", 24, "position_resize", "transformers"),
        ("dinov2", 56, "position_resize", "transformers"), ("timm-vit", nil, "mlp", "quick_gelu"),
        ("timm-vit", nil, "pool", "mean"), ("timm-vit", nil, "heads", 2), ("timm-vit", nil, "epsilon", 9e-3),
        ("timm-dinov3", nil, "rope", 50), ("transformers-dinov2", nil, "heads", 8), ("conch", nil, "epsilon", 9e-3),
        ("conch-v1.5", nil, "attention_pool", ["width": 48, "heads": 4] as [String: Int]),
        ("keep", nil, "projection.normalised", false), ("timm-swin", nil, "epsilon", 9e-3),
        ("timm-convnext", nil, "epsilon", 9e-3),
    ]

    @Test(arguments: changes.indices) func aChangedKeyMovesTheFeatures(index: Int) throws {
        let (name, input, key, value) = Self.changes[index]
        let path = key.split(separator: ".").map(String.init)
        let moved = try effect(on: name, input: input) { _, architecture in
            guard path.count == 2, var inner = architecture[path[0]] as? [String: Any] else {
                architecture[key] = value
                return
            }
            inner[path[1]] = value
            architecture[path[0]] = inner
        }
        #expect(try #require(moved) > 1e-2, "\(key) of \(name)")
    }

    /// Keys whose tensors would be left over, or missing.
    static let needed: [(name: String, key: String)] = [
        ("timm-registers", "layer_scale"), ("timm-registers", "register_tokens"), ("timm-registers", "mlp"),
        ("timm-registers", "prefix_positions"), ("timm-norms", "qk_norm"), ("timm-norms", "norm_pre"),
        ("timm-dinov3", "positions"), ("timm-mean-fc-norm", "pool"), ("timm-gap", "class_token"),
        ("timm-gap-registers", "class_token"), ("timm-gap-registers", "pool"), ("conch", "attention_pool"),
        ("conch", "pool"), ("transformers-clip", "projection"), ("ctranspath", "stem"), ("swin-earlier", "stem_norm"),
        ("timm-convnext-v2", "layer_scale"),
        ("timm-convnext-v2", "response_norm"), ("timm-convnext-norm-first", "norm_first"),
    ]

    @Test(arguments: needed.indices) func aKeyThatIsLeftOutIsRefused(index: Int) throws {
        let (name, key) = Self.needed[index]
        #expect(try effect(on: name) { $1[key] = nil } == nil, "\(key) of \(name)")
    }

    /// Other numbers of what the tensors' shapes tell.
    static let shapes: [(name: String, key: String, value: any Sendable)] = [
        ("timm-vit", "patch", 16), ("timm-vit", "width", 64), ("timm-vit", "depth", 1), ("timm-vit", "hidden", 64),
        ("timm-swin", "patch", 2), ("timm-swin", "width", 64), ("timm-swin", "layers", [2, 1]),
        ("timm-swin", "heads", [4, 2]), ("timm-swin", "window", 2), ("timm-convnext", "patch", 2),
        ("timm-convnext", "width", 16), ("timm-convnext", "layers", [1, 1, 1, 1]), ("resnet", "layers", [1, 1, 1]),
        ("resnet", "block", "basic"), ("conch", "attention_pool", ["width": 24, "heads": 8] as [String: Int]),
        ("transformers-clip", "projection", ["dim": 8] as [String: Int]),
    ]

    @Test(arguments: shapes.indices) func anotherShapeIsRefused(index: Int) throws {
        let (name, key, value) = Self.shapes[index]
        #expect(try effect(on: name) { $1[key] = value } == nil, "\(key) of \(name)")
    }

    /// Without its class token a network is another: its tensor is left over.
    @Test func aClassTokenThatIsDeniedIsRefused() throws {
        #expect(try effect(on: "timm-mean") { $1["class_token"] = false } == nil)
    }

    /// Keys that may be left out, and mean something else then.
    @Test(arguments: [("timm-dinov3", "rope"), ("transformers-clip", "mlp"), ("timm-mean", "pool")])
    func aKeyThatIsLeftOutMovesTheFeatures(name: String, key: String) throws {
        let moved = try effect(on: name) { $1[key] = nil }
        #expect(try #require(moved) > 1e-2, "\(key) of \(name)")
    }

    @Test func whatPatchesGoThroughMovesTheFeatures() throws {
        func moved(_ key: String, _ value: Any?) throws -> Float {
            try #require(try effect(on: "timm-vit", side: 40) { object, _ in object[key] = value })
        }
        #expect(try moved("resize", 36) > 1e-2)
        #expect(try moved("interpolation", "bicubic") > 1e-2)
        #expect(try moved("mean", [0.5, 0.5, 0.5]) > 1e-2)
        #expect(try moved("std", [0.5, 0.5, 0.5]) > 1e-2)
    }
}
