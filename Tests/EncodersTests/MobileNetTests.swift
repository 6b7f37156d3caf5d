import Config
import Encoders
import Files
import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Pipeline

/// MobileNetV2 as torchvision saves it.
@Suite struct MobileNetTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func imported(edit: (inout [String: StoredTensor]) -> Void = { _ in }) throws -> EncoderImport.Report {
        var tensors = Recipe.weights(.mobilenet(MobileNetArchitecture()), input: 64).tensors
        tensors["features.0.1.num_batches_tracked"] = StoredTensor(kind: .int64, shape: [], bytes: Data(count: 8))
        tensors["classifier.1.weight"] = StoredTensor(shape: [2, 1280], floats: [Float](repeating: 0, count: 2560))
        edit(&tensors)
        try AtomicFile.createFolder(scratch["model"])
        try SafeTensors(tensors: tensors).write(to: scratch["model/model.safetensors"])
        var wishes = EncoderImport.Wishes()
        (wishes.preset, wishes.mpp, wishes.input) = (EncoderPreset.named("mobilenet-v2"), 0.5, 64)
        return try EncoderImport(scratch["model"], wishes).write(to: scratch["encoder"])
    }

    @Test func itsHeadIsLeftOutAndItsFeaturesAreTorchvisions() throws {
        let report = try imported()
        #expect(report.alike.map(\.name) == ["mobilenet-v2"])
        #expect(report.notes.count == 1)
        #expect(report.notes.first?.contains("is not one of the published files of MobileNetV2 (ImageNet)") == true)
        let manifest = report.manifest
        #expect((manifest.dim, manifest.input, manifest.licence) == (1280, 64, "BSD-3-Clause"))
        let store = TrustStore(at: scratch["trusted.json"])
        let encoder = try FrozenEncoder(manifest, trustedBy: store, precision: .fp32)
        let found = try Recipe.pixels(side: 64).withUnsafeBytes { try encoder.encode(pixels: $0, count: 2, side: 64) }
        let reference = try #require(NetworkReference.all.first { $0.name == "mobilenet" })
        let picked = (0..<2).flatMap { patch in (0..<8).map { found[patch * 1280 + $0 * 160] } }
        #expect(zip(picked, reference.features).allSatisfy { abs($0 - $1) < 2e-5 }, "\(picked)")
    }

    @Test func tensorsThatDoNotFitAreNamed() throws {
        func refusal(edit: (inout [String: StoredTensor]) -> Void) throws -> String {
            let error = try #require(throws: Failure.self) { _ = try imported(edit: edit) }
            #expect(!FileManager.default.fileExists(atPath: scratch["encoder"].path))
            return error.message
        }
        #expect(try refusal { $0["features.2.conv.3.bias"] = nil }.contains("missing: features.2.conv.3.bias;"))
        for stranger in ["features.19.0.weight", "neck.weight"] {
            #expect(
                try refusal { $0[stranger] = StoredTensor(shape: [1], floats: [1]) }.contains("not known: \(stranger);")
            )
        }
        #expect(
            try refusal { $0["features.18.0.weight"] = StoredTensor(shape: [3], floats: [1, 2, 3]) }
                .contains("features.18.0.weight has the shape [3], and [1280, 320, 1, 1] is wanted;")
        )
    }
}
