import Config
import Files
import Foundation
import Records
import Testing

@Suite struct EncoderManifestTests {
    private static let digest = String(repeating: "0a", count: 32)

    /// The manifest of a plain encoder; `fields` replace, NSNull removes.
    private func read(_ fields: [String: Any] = [:]) throws -> EncoderManifest {
        var object: [String: Any] = [
            "name": "uni", "dim": 1024, "input": 224, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
            "interpolation": "bicubic", "weights": "uni.ts.pt", "sha256": Self.digest, "licence": "CC BY-NC-ND 4.0",
            "source": "MahmoodLab/UNI", "mpp": 0.5,
        ]
        for (key, value) in fields { object[key] = value is NSNull ? nil : value }
        let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-manifest-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try AtomicFile.write(
            JSONSerialization.data(withJSONObject: object),
            to: folder.appending(path: "uni.json")
        )
        return try EncoderManifest(contentsOf: folder.appending(path: "uni.json"))
    }

    @Test func aCompleteManifestIsReadAndItsWeightsLieBesideIt() throws {
        let manifest = try read()
        #expect(manifest.name == "uni")
        #expect(manifest.dim == 1024)
        #expect(manifest.interpolation == .bicubic)
        #expect(manifest.std == [0.229, 0.224, 0.225])
        #expect(manifest.weightsURL.lastPathComponent == "uni.ts.pt")
        #expect(manifest.weightsURL.deletingLastPathComponent().lastPathComponent.hasPrefix("wsi-manifest-"))
        #expect(try read(["weights": "/models/uni.pt"]).weightsURL.path == "/models/uni.pt")
    }

    @Test func anUnknownKeyIsRefusedWithTheKnownOnes() throws {
        let error = #expect(throws: ConfigError.self) { try read(["crop_pct": 0.875]) }
        #expect(error?.subject?.hasSuffix("uni.json: crop_pct") == true)
        #expect(error?.message.hasPrefix("unknown key; known keys are architecture, check, dim, ") == true)
        #expect(error?.code.exitStatus == .usage)
    }

    @Test(arguments: [
        "name", "dim", "input", "mean", "std", "interpolation", "weights", "sha256", "licence", "source", "mpp",
    ])
    func noKeyMayBeMissing(key: String) throws {
        let error = #expect(throws: ConfigError.self) { try read([key: NSNull()]) }
        #expect(error?.subject?.hasSuffix("uni.json: \(key)") == true)
        #expect(error?.message == "this key is required")
    }

    @Test(arguments: ["", "..", ".hidden", "a/b", "ünï", "a b", "-x", String(repeating: "a", count: 65)])
    func aNameThatCouldLeaveItsFolderIsRefused(name: String) throws {
        let error = #expect(throws: ConfigError.self) { try read(["name": name]) }
        #expect(error?.message.contains("is not a safe folder name; use 1 to 64 of") == true)
    }

    @Test func numbersOutOfRangeAreRefusedWithTheRange() throws {
        func message(_ fields: [String: Any]) -> String? {
            #expect(throws: ConfigError.self) { try read(fields) }?.message
        }
        #expect(message(["dim": 0]) == "0 is not in 1…65536")
        #expect(message(["input": 100_000]) == "100000 is not in 8…4096 pixels")
        #expect(message(["mean": [0.5, 0.5]]) == "three numbers in -1…1 are wanted: red, green, blue")
        #expect(message(["mean": [123.7, 116.3, 103.5]]) == "three numbers in -1…1 are wanted: red, green, blue")
        #expect(message(["std": [0.2, 0, 0.2]]) == "three numbers in 0.001…10 are wanted: red, green, blue")
        #expect(message(["mpp": 140]) == "140.0 is not in 0.05…100 µm per pixel")
        #expect(message(["sha256": "ABC"]) == "64 lower-case hexadecimal digits are wanted; sha256sum prints them")
        #expect(message(["interpolation": "nearest"]) == "one of bilinear, bicubic is wanted here")
        #expect(message(["weights": ""]) == "the name of the weights' file is wanted")
    }

    private let vit: [String: Any] = [
        "family": "vit", "patch": 14, "width": 1536, "depth": 24, "heads": 24, "hidden": 8192, "mlp": "swiglu",
        "layer_scale": true, "register_tokens": 8, "prefix_positions": false,
    ]

    private func architecture(_ fields: [String: Any], dim: Int = 1536) throws -> EncoderArchitecture? {
        try read(["architecture": vit.merging(fields) { $1 }, "dim": dim]).architecture
    }

    @Test func theNumbersOfANetworkAreRead() throws {
        guard case .vit(let vit)? = try architecture([:]) else {
            Issue.record("no vision transformer")
            return
        }
        #expect((vit.patch, vit.width, vit.depth, vit.heads, vit.hidden) == (14, 1536, 24, 24, 8192))
        #expect((vit.mlp, vit.layerScale, vit.registerTokens, vit.prefixPositions) == (.swiglu, true, 8, false))
        #expect((vit.pool, vit.epsilon) == (.cls, 1e-6))
        #expect(try architecture(["pool": "cls+mean"], dim: 3072)?.dim == 3072)
        let clam: [String: Any] = ["family": "resnet", "block": "bottleneck", "layers": [3, 4, 6]]
        #expect(try read(["architecture": clam, "dim": 1024]).architecture?.dim == 1024)
        #expect(try read().architecture == nil)
    }

    @Test func numbersOfANetworkThatCannotBeAreRefusedWithTheirKey() throws {
        func refusal(_ fields: [String: Any], dim: Int = 1536) -> String {
            let error = #expect(throws: ConfigError.self) { try architecture(fields, dim: dim) }
            let key = error?.subject?.split(separator: " ").last ?? ""
            return "\(key): \(error?.message ?? "")"
        }
        #expect(refusal(["heads": 7]) == "architecture.heads: 1536 numbers per token cannot be shared out to 7 heads")
        #expect(refusal(["depth": 0]) == "architecture.depth: 0 is not in 1…256")
        #expect(refusal(["hidden": 8191]).hasPrefix("architecture.hidden: a gated MLP halves its 8191 hidden numbers"))
        #expect(refusal(["mlp": "relu"]) == "architecture.mlp: one of gelu, quick_gelu, swiglu is wanted here")
        #expect(
            refusal(["pooling": "avg"])
                .hasPrefix("architecture.pooling: unknown key; known keys are attention_pool, class_token, depth, ")
        )
        #expect(
            refusal(["family": "mamba"])
                == "architecture.family: one of vit, resnet, swin, convnext, mobilenet is wanted here"
        )
        #expect(refusal([:], dim: 1024) == "dim: 1024 is not what the architecture gives, which is 1536")
        #expect(refusal(["patch": 15]) == "input: 224 is no multiple of the architecture's patch of 15 pixels")
        #expect(
            refusal(["positions": "none", "position_resize": "timm"])
                == "architecture.position_resize: without learned positions there is nothing to resize; leave the key out"
        )
        #expect(refusal(["rope": 0.5]) == "architecture.rope: 0.5 is not in 1…1000000")
        #expect(
            refusal(["rope": 100, "heads": 256]).hasPrefix(
                "architecture.rope: rotary positions want heads of a multiple"
            )
        )
        #expect(
            refusal(["class_token": false])
                == "architecture.pool: 'cls' wants the class token, and 'class_token' is false; use mean, mean+fc_norm or "
                + "attention"
        )
        #expect(refusal(["class_token": false, "pool": "cls+mean"], dim: 3072).hasPrefix("architecture.pool: "))
        #expect(
            refusal(["pool": "attention"])
                == "architecture.attention_pool: pool 'attention' and this key belong together"
        )
        #expect(
            refusal(["pool": "attention", "attention_pool": ["width": 512, "heads": 7]])
                == "architecture.attention_pool.heads: 512 numbers cannot be shared out to 7 heads"
        )
        #expect(refusal(["projection": ["dim": 0]]) == "architecture.projection.dim: 0 is not in 1…65536")
        #expect(refusal(["projection": ["dim": 512]]) == "dim: 1536 is not what the architecture gives, which is 512")
        #expect(refusal(["epsilon": 0.5]) == "architecture.epsilon: 0.5 is not between 0 and 0.01")
    }

    /// What is written of an encoder is part of the fingerprint of its features: new keys must not change it.
    @Test func onlyKeysThatAreNotTheirDefaultAreWritten() throws {
        func written(_ fields: [String: Any], dim: Int = 1536) throws -> String {
            String(decoding: try CanonicalJSON.line(architecture(fields, dim: dim)), as: UTF8.self)
        }
        let plain =
            #"{"depth":24,"epsilon":1e-06,"family":"vit","heads":24,"hidden":8192,"layer_scale":true,"#
            + #""mlp":"swiglu","patch":14,"pool":"cls","prefix_positions":false,"register_tokens":8,"width":1536}"#
        #expect(try written([:]) == plain)
        #expect(
            try written(["positions": "learned", "qk_norm": false, "norm_pre": false, "class_token": true]) == plain
        )
        #expect(try written(["class_token": false, "pool": "mean"]).contains(#""class_token":false"#))
        let other = try written(["rope": 100, "positions": "none", "qk_norm": true, "norm_pre": true])
        for key in ["rope", "positions", "qk_norm", "norm_pre"] { #expect(other.contains("\"\(key)\":")) }
    }

    @Test func whatIsCutOutOfAResizedPatchIsInsideOfIt() throws {
        #expect(try read(["resize": 256]).resize == 256)
        let error = #expect(throws: ConfigError.self) { try read(["resize": 200]) }
        #expect(error?.message == "200 is not in 224…8192: the 224 pixels of the input are cut out of it")
    }

    @Test func aResNetHasOneToFourStages() {
        for layers in [[], [0], [1, 1, 1, 1, 1]] as [[Int]] {
            let resnet: [String: Any] = ["family": "resnet", "block": "basic", "layers": layers]
            let error = #expect(throws: ConfigError.self) { try read(["architecture": resnet, "dim": 64]) }
            #expect(error?.subject?.hasSuffix("architecture.layers") == true)
        }
    }

    @Test func aMissingManifestIsNotFound() {
        let error = #expect(throws: StorageError.self) {
            try EncoderManifest(contentsOf: URL(filePath: "/nowhere/uni.json"))
        }
        #expect(error?.code == .notFound)
    }

    /// A small file must not ask for more memory than there is.
    @Test func tablesThatNobodyCouldHoldAreRefused() {
        let swin: [String: Any] = [
            "family": "swin", "patch": 4, "width": 256, "layers": [2], "heads": [256], "window": 64,
        ]
        let first = #expect(throws: ConfigError.self) {
            try read(["architecture": swin, "dim": 256, "input": 4096])
        }
        #expect(
            first?.message
                == "4096 pixels in windows of 64 are more than is built here; a smaller input or window is wanted"
        )
        let vit: [String: Any] = [
            "family": "vit", "patch": 1, "width": 4096, "depth": 1, "heads": 1, "hidden": 4096, "rope": 100,
            "positions": "none",
        ]
        let second = #expect(throws: ConfigError.self) {
            try read(["architecture": vit, "dim": 4096, "input": 4096])
        }
        #expect(
            second?.message.hasPrefix("16777216 tokens are more than is built here") == true,
            "\(String(describing: second))"
        )
    }

    @Test func numbersOfASwinThatCannotBeAreRefusedWithTheirKey() {
        func refusal(_ fields: [String: Any], input: Int = 224) -> String {
            var swin: [String: Any] = [
                "family": "swin", "patch": 4, "width": 96, "layers": [2, 2, 6, 2], "heads": [3, 6, 12, 24], "window": 7,
            ]
            swin.merge(fields) { $1 }
            let error = #expect(throws: ConfigError.self) {
                try read(["architecture": swin, "dim": 768, "input": input])
            }
            return "\(error?.subject?.split(separator: " ").last ?? ""): \(error?.message ?? "")"
        }
        #expect(refusal(["patch": 0]) == "architecture.patch: 0 is not in 1…256")
        #expect(refusal(["width": 8192]) == "architecture.width: 8192 is not in 1…4096")
        #expect(refusal(["layers": [2, 0]]).hasPrefix("architecture.layers: the number of blocks, 1 to 64, of one to"))
        #expect(
            refusal(["heads": [3]]).hasPrefix("architecture.heads: the number of heads, 1 to 256, of each of the 4")
        )
        #expect(
            refusal(["heads": [3, 6, 12, 25]])
                == "architecture.heads: 768 numbers per token cannot be shared out to 25 heads"
        )
        #expect(refusal(["window": 65]) == "architecture.window: 65 is not in 1…64")
        #expect(refusal(["stem": "conv"]) == "architecture.stem: one of patch, convolutions is wanted here")
        #expect(
            refusal(["stem": "convolutions", "patch": 8]).hasPrefix("architecture.stem: a stem of convolutions wants")
        )
        #expect(refusal(["epsilon": 0]) == "architecture.epsilon: 0.0 is not between 0 and 0.01")
        #expect(
            refusal([:], input: 256).hasPrefix("input: 256 pixels give a map of 64 × 64 tokens, which windows of 7")
        )
    }

    @Test func numbersOfAConvNeXtThatCannotBeAreRefusedWithTheirKey() {
        func refusal(_ fields: [String: Any], input: Int = 224) -> String {
            var convNeXt: [String: Any] = ["family": "convnext", "patch": 4, "width": 96, "layers": [3, 3, 9, 3]]
            convNeXt.merge(fields) { $1 }
            let error = #expect(throws: ConfigError.self) {
                try read(["architecture": convNeXt, "dim": 768, "input": input])
            }
            return "\(error?.subject?.split(separator: " ").last ?? ""): \(error?.message ?? "")"
        }
        #expect(refusal(["patch": 257]) == "architecture.patch: 257 is not in 1…256")
        #expect(refusal(["width": 0]) == "architecture.width: 0 is not in 1…4096")
        #expect(refusal(["layers": [65]]).hasPrefix("architecture.layers: the number of blocks, 1 to 64, of one to"))
        #expect(refusal(["epsilon": 0.5]) == "architecture.epsilon: 0.5 is not between 0 and 0.01")
        #expect(refusal([:], input: 16) == "input: 16 pixels leave nothing for the last stage; 32 or more are wanted")
    }
}
