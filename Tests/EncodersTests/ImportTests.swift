import Config
import Encoders
import Files
import Foundation
import Records
import Storage
import TestSupport
import Testing
import Torch

@testable import Pipeline

@Suite struct ImportTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func encoder(_ manifest: EncoderManifest, _ precision: Precision = .fp32) throws -> FrozenEncoder {
        try FrozenEncoder(manifest, trustedBy: TrustStore(at: scratch["trusted.json"]), precision: precision)
    }

    private func features(_ encoder: FrozenEncoder, side: Int) throws -> [Float] {
        try Recipe.pixels(side: side).withUnsafeBytes { try encoder.encode(pixels: $0, count: 2, side: side) }
    }

    @Test(arguments: ImportReference.names)
    func featuresAreThoseOfTheLibraryAtEverySize(name: String) throws {
        let reference = try ImportReference.named(name)
        for (size, rows) in reference.features {
            let side = try #require(Int(size))
            let manifest = try reference.imported(scratch, input: side).manifest
            #expect(manifest.input == side)
            let found = try features(encoder(manifest), side: side)
            let wanted = rows.flatMap { $0 }
            try #require(found.count == wanted.count)
            let largest = wanted.map(abs).max() ?? 0
            let difference = zip(found, wanted).map { abs($0 - $1) }.max() ?? .infinity
            #expect(difference < 1e-5 * max(1, largest), "\(name) of \(reference.library), \(side) pixels")
            // Not the same numbers for both patches.
            #expect(zip(rows[0], rows[1]).contains { abs($0 - $1) > 1e-2 })
        }
    }

    @Test(.enabled(if: (try? LibTorch.canPack(.bfloat16)) == true), arguments: ImportReference.names)
    func bf16GivesTheSameDirection(name: String) throws {
        let reference = try ImportReference.named(name)
        let (size, rows) = try #require(reference.features.max { $0.key < $1.key })
        let side = try #require(Int(size))
        let encoder = try encoder(reference.imported(scratch, input: side).manifest, .bf16)
        let (found, wanted) = (try features(encoder, side: side), rows.flatMap { $0 })
        func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        #expect(dot(found, wanted) / (dot(found, found) * dot(wanted, wanted)).squareRoot() > 0.999, "\(name)")
    }

    @Test func aFolderSaysWhatAnEncoderNeeds() throws {
        let reference = try ImportReference.named("transformers-clip")
        let report = try reference.imported(scratch)
        let manifest = report.manifest
        #expect((manifest.name, manifest.dim, manifest.input) == ("small", 24, 32))
        #expect((manifest.interpolation, manifest.resize) == (.bilinear, nil))
        #expect(manifest.mean == [0.485, 0.456, 0.406])
        #expect(try Digest.sha256(fileAt: manifest.weightsURL) == manifest.sha256)
        guard case .vit(let vit)? = manifest.architecture else {
            Issue.record("no vision transformer")
            return
        }
        #expect((vit.patch, vit.width, vit.depth, vit.heads, vit.hidden) == (8, 32, 2, 4, 80))
        #expect((vit.mlp, vit.normPre, vit.epsilon) == (.quickGELU, true, 1e-5))
        #expect(vit.projection == ProjectionArchitecture(dim: 24))
        // Of the same size as its input: nothing is resized.
        #expect(vit.positionResize == nil)
    }

    @Test func aResNetKeepsItsNamesAndLosesItsHead() throws {
        let reference = try ImportReference.named("resnet")
        var wishes = reference.wishes(input: 64)
        try reference.write(to: scratch["model"])
        let whole = try EncoderImport(scratch["model"], wishes).write(to: scratch["whole"]).manifest
        #expect(whole.architecture == .resnet(ResNetArchitecture(block: .bottleneck, layers: [1, 1, 1, 1])))
        #expect(whole.dim == 2048)
        #expect(try features(encoder(whole), side: 64).count == 2 * 2048)
        wishes.preset = EncoderPreset.named("uni")
        let refused = try #require(throws: Failure.self) {
            try EncoderImport(scratch["model"], wishes).write(to: scratch["other"])
        }
        #expect(refused.message == "this is not UNI: family is resnet, and vit is wanted")
        #expect(!FileManager.default.fileExists(atPath: scratch["other"].path))
    }

    // MARK: what does not fit

    private func refusal(
        _ name: String,
        edit: (inout [String: StoredTensor]) -> Void = { _ in },
        change: (inout EncoderImport.Wishes) -> Void = { _ in }
    ) throws -> String {
        let reference = try ImportReference.named(name)
        try reference.write(to: scratch["model"], edit: edit)
        var wishes = reference.wishes(input: nil)
        change(&wishes)
        let error = try #require(throws: Failure.self) {
            try EncoderImport(scratch["model"], wishes).write(to: scratch["refused"])
        }
        #expect(!FileManager.default.fileExists(atPath: scratch["refused"].path))
        return error.message
    }

    @Test func tensorsThatDoNotFitAreNamed() throws {
        let name = "encoder.layer.1.norm2.weight"
        #expect(
            try refusal("transformers-dinov2") { $0[name] = nil }
                .contains("the network: missing: blocks.1.norm2.weight; ")
        )
        #expect(
            try refusal("transformers-dinov2") { $0[name] = StoredTensor(shape: [3], floats: [1, 2, 3]) }
                .contains("the network: \(name) has the shape [3], and [32] is wanted; ")
        )
        #expect(
            try refusal("transformers-dinov2") {
                $0["encoder.layer.1.adapter.weight"] = StoredTensor(shape: [1], floats: [1])
            }.contains("the network: not known: encoder.layer.1.adapter.weight; ")
        )
        #expect(
            try refusal("timm-vit") {
                $0["blocks.0.attn.qkv.weight"] = StoredTensor(kind: .int8, shape: [96, 32], bytes: Data(count: 3072))
            }.contains("the network: blocks.0.attn.qkv.weight holds I8, no fractions; ")
        )
        #expect(
            try refusal("timm-vit") { $0 = ["a.weight": StoredTensor(shape: [1], floats: [1])] }.contains("a.weight")
        )
    }

    @Test func whatNoFileSaysIsAskedFor() throws {
        #expect(
            try refusal("conch", change: { $0.heads = nil }).hasPrefix(
                "the number of attention heads is not in the weights"
            )
        )
        #expect(
            try refusal("timm-vit", change: { $0.mpp = nil }).hasPrefix(
                "µm per pixel that the model was trained for is not said"
            )
        )
        #expect(
            try refusal("timm-vit", change: { $0.licence = nil }).hasPrefix(
                "the licence is not said here; give --licence"
            )
        )
    }

    @Test func anotherModelThanThePresetIsRefusedByWhatDiffers() throws {
        let message = try refusal("timm-vit", change: { $0.preset = EncoderPreset.named("uni") })
        #expect(message.hasPrefix("this is not UNI: depth is 2, and 24 is wanted; "))
        #expect(message.contains("width is 32, and 1024 is wanted"))
        #expect(
            try refusal("timm-swin", change: { $0.preset = EncoderPreset.named("ctranspath") })
                .hasPrefix("this is not CTransPath: heads is ")
        )
    }

    @Test func ofATeacherAndAStudentTheTeacherIsTaken() throws {
        let reference = try ImportReference.named("dinov2")
        let plain = try reference.imported(scratch).manifest
        let nested = try reference.imported(scratch) { weights in
            let own = weights
            weights = [:]
            for (name, tensor) in own {
                weights["teacher.backbone.\(name)"] = tensor
                weights["student.backbone.\(name)"] = StoredTensor(
                    kind: tensor.kind,
                    shape: tensor.shape,
                    bytes: Data(count: tensor.bytes.count)
                )
            }
            weights["teacher.dino_head.last_layer.weight_g"] = StoredTensor(shape: [1, 1], floats: [1])
        }.manifest
        #expect(nested.sha256 == plain.sha256)
        #expect(
            try refusal("dinov2") { weights in
                for (name, tensor) in weights {
                    (weights["a.\(name)"], weights["b.\(name)"], weights[name]) = (tensor, tensor, nil)
                }
            }.hasPrefix("the file holds several models: 'a.', 'b.'; ")
        )
    }

    // MARK: files of torch.save

    /// Dictionaries in dictionaries, parts in fp16, views, and what a training puts beside them.
    @Test(arguments: ["checkpoint.pth", "legacy.pth"])
    func aCheckpointOfATrainingIsReadWithoutRunningIt(name: String) throws {
        try AtomicFile.createFolder(scratch["model"])
        try FileManager.default.copyItem(
            at: ImportReference.folder.appending(path: name),
            to: scratch["model/checkpoint.pth"]
        )
        let preprocessing = #"{"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 3}"#
        try AtomicFile.write(preprocessing, to: scratch["model/preprocessor_config.json"])
        var wishes = EncoderImport.Wishes()
        (wishes.name, wishes.heads, wishes.mpp, wishes.licence) = ("small", 2, 0.5, "none")
        let manifest = try EncoderImport(scratch["model"], wishes).write(to: scratch["made"]).manifest
        #expect((manifest.dim, manifest.input, manifest.interpolation) == (8, 16, .bicubic))
        let weights = try SafeTensors(contentsOf: manifest.weightsURL).tensors
        for (name, tensor) in weights {
            let wanted = Recipe.values(name, tensor.shape)
            if name == "blocks.0.attn.qkv.weight" {
                #expect(tensor.kind == .float16)
                #expect(tensor.floats == wanted.map { Float(Float16($0)) })
            } else {
                #expect(tensor.floats == wanted, "\(name)")
            }
        }
        #expect(weights.count == 18)
    }

    @Test func aFolderThatIsNotThereIsNotFound() throws {
        let none = try #require(throws: Failure.self) { try EncoderImport(scratch["nowhere"], .init()) }
        #expect(none.code == .notFound)
    }
}
