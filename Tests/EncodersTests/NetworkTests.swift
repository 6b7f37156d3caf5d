import Config
import Encoders
import Files
import Foundation
import Records
import Storage
import Testing
import Torch

@Suite struct NetworkTests {
    /// Writes the weights of a reference, changed by `edit`, and their manifest.
    private func manifest(
        _ bench: Workbench,
        _ reference: NetworkReference,
        _ fields: [String: Any] = [:],
        edit: (inout SafeTensors) -> Void = { _ in }
    ) throws -> EncoderManifest {
        let object = try JSONSerialization.jsonObject(with: Data(reference.architecture.utf8))
        let architecture = try JSONDecoder().decode(
            EncoderArchitecture.self,
            from: Data(reference.architecture.utf8)
        )
        var weights = Recipe.weights(architecture, input: reference.input)
        edit(&weights)
        let plain: [String: Any] = [
            "architecture": object, "dim": reference.dim, "input": reference.input, "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
        ]
        return try bench.manifest(weights: try weights.data(), trusted: false, plain.merging(fields) { $1 })
    }

    private func reference(_ name: String) throws -> NetworkReference {
        try #require(NetworkReference.all.first { $0.name == name })
    }

    private func encode(_ encoder: FrozenEncoder, _ pixels: [UInt8], count: Int, side: Int) throws -> [Float] {
        try pixels.withUnsafeBytes { try encoder.encode(pixels: $0, count: count, side: side) }
    }

    /// The features that a reference keeps.
    private func picked(_ features: [Float], _ dim: Int) -> [Float] {
        (0..<2).flatMap { patch in (0..<8).map { features[patch * dim + $0 * (dim / 8)] } }
    }

    @Test(arguments: NetworkReference.all)
    func featuresAreThoseOfTimm(reference: NetworkReference) throws {
        let bench = try Workbench()
        let manifest = try manifest(bench, reference)
        let encoder = try FrozenEncoder(manifest, trustedBy: bench.store, precision: .fp32)
        let pixels = Recipe.pixels(side: reference.input)
        let features = try encode(encoder, pixels, count: 2, side: reference.input)
        let found = picked(features, reference.dim)
        let largest = reference.features.map(abs).max() ?? 0
        let difference = zip(found, reference.features).map { abs($0 - $1) }.max() ?? .infinity
        #expect(difference < 1e-5 * max(1, largest), "\(found)")

        // A patch's features do not depend on its batch.
        let second = try encode(encoder, Array(pixels.suffix(pixels.count / 2)), count: 1, side: reference.input)
        #expect(zip(second, features.suffix(reference.dim)).allSatisfy { abs($0 - $1) < 1e-5 * max(1, largest) })
    }

    @Test(.enabled(if: (try? LibTorch.canPack(.bfloat16)) == true), arguments: NetworkReference.all)
    func bf16GivesTheSameDirection(reference: NetworkReference) throws {
        let bench = try Workbench()
        let encoder = try FrozenEncoder(manifest(bench, reference), trustedBy: bench.store)
        #expect(encoder.precision == .bf16)
        let features = try encode(encoder, Recipe.pixels(side: reference.input), count: 2, side: reference.input)
        let found = picked(features, reference.dim)
        func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let cosine =
            dot(found, reference.features)
            / (dot(found, found) * dot(reference.features, reference.features)).squareRoot()
        #expect(cosine > 0.999)
        // Were it fp32, it would be closer.
        #expect(zip(found, reference.features).contains { abs($0 - $1) > 1e-4 })
    }

    @Test func aMissingTensorIsNamedWithItsShape() throws {
        let bench = try Workbench()
        let manifest = try manifest(bench, reference("dinov2")) { $0.tensors["blocks.1.ls2.gamma"] = nil }
        let error = try #require(throws: EncoderError.self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
        #expect(error.code.exitStatus == .integrity)
        #expect(error.message.hasPrefix("blocks.1.ls2.gamma, of shape [32], is missing; correct 'architecture'"))
    }

    @Test func aTensorOfAnotherShapeIsNamedWithBoth() throws {
        let bench = try Workbench()
        let manifest = try manifest(bench, reference("vit")) {
            $0.tensors["pos_embed"] = StoredTensor(shape: [1, 5, 32], floats: [Float](repeating: 0, count: 160))
        }
        let error = try #require(throws: EncoderError.self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
        #expect(error.message.hasPrefix("pos_embed has the shape [1, 5, 32], and the architecture wants [1, 17, 32];"))
    }

    @Test func aTensorThatTheArchitectureDoesNotHaveIsNamed() throws {
        let bench = try Workbench()
        let manifest = try manifest(bench, reference("resnet-basic")) {
            $0.tensors["fc.weight"] = StoredTensor(shape: [2, 128], floats: [Float](repeating: 0, count: 256))
            $0.tensors["fc.bias"] = StoredTensor(shape: [2], floats: [0, 0])
        }
        let error = try #require(throws: EncoderError.self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
        #expect(error.message.hasPrefix("fc.bias does not belong to the architecture (2 such tensors);"))
    }

    @Test func weightsOfWholeNumbersAreRefused() throws {
        let bench = try Workbench()
        let manifest = try manifest(bench, reference("vit")) {
            $0.tensors["norm.bias"] = StoredTensor(kind: .int8, shape: [32], bytes: Data(count: 32))
        }
        let error = try #require(throws: EncoderError.self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
        #expect(error.message.hasPrefix("norm.bias holds I8, no fractions;"))
    }

    @Test func otherBytesThanThePinnedOnesAreRefused() throws {
        let bench = try Workbench()
        let manifest = try manifest(bench, reference("vit"), ["sha256": String(repeating: "0", count: 64)])
        let error = try #require(throws: EncoderError.self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
        #expect(error.code == .digest)
    }

    @Test func somethingElseThanSafetensorsIsRefused() throws {
        let bench = try Workbench()
        let script = Script.rootOfMeans
        let architecture: [String: Any] = ["family": "resnet", "block": "basic", "layers": [1]]
        let manifest = try bench.manifest(weights: script, trusted: false, ["architecture": architecture, "dim": 64])
        let error = try #require(throws: StorageError.self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
        #expect(error.message.hasPrefix("not a safetensors file:"))
        #expect(error.code.exitStatus == .integrity)
    }

    // MARK: the golden patch

    /// The features that the encoder itself gives in fp32, as a golden file beside it.
    private func golden(_ bench: Workbench, _ manifest: EncoderManifest, side: Int, scale: Float = 1) throws
        -> GoldenPatch
    {
        let encoder = try FrozenEncoder(manifest, trustedBy: bench.store, precision: .fp32)
        let pixels = Recipe.pixels(side: side, count: 1)
        var features = try encode(encoder, pixels, count: 1, side: side)
        features[3] *= scale
        let file = SafeTensors(tensors: [
            "patch": StoredTensor(kind: .uint8, shape: [side, side, 3], bytes: Data(pixels)),
            "features": StoredTensor(shape: [features.count], floats: features),
        ])
        let url = bench.folder.appending(path: "check.safetensors")
        try file.write(to: url)
        return try GoldenPatch(contentsOf: url, dim: manifest.dim)
    }

    @Test(arguments: [Precision.auto, .fp32])
    func anEncoderAgreesWithItsGoldenPatch(precision: Precision) throws {
        let bench = try Workbench()
        let manifest = try manifest(bench, reference("dinov2"))
        let golden = try golden(bench, manifest, side: 48)
        let check = try GoldenCheck(
            FrozenEncoder(manifest, trustedBy: bench.store, precision: precision),
            golden
        )
        #expect(check.difference.cosine > 0.999)
    }

    @Test func aSmallDifferenceFromTheGoldenPatchIsRefused() throws {
        let bench = try Workbench()
        let manifest = try manifest(bench, reference("dinov2"))
        let golden = try golden(bench, manifest, side: 32, scale: 1.1)
        let encoder = try FrozenEncoder(manifest, trustedBy: bench.store, precision: .fp32)
        let error = try #require(throws: EncoderError.self) { try GoldenCheck(encoder, golden) }
        #expect(error.code.exitStatus == .integrity)
        #expect(error.message.hasPrefix("the golden patch gave features that differ by 0.0"))
    }

    @Test func anotherNormalisationIsFoundByTheGoldenPatch() throws {
        let bench = try Workbench()
        let golden = try golden(bench, manifest(bench, reference("vit")), side: 32)
        let other = try manifest(bench, reference("vit"), ["mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]])
        let encoder = try FrozenEncoder(other, trustedBy: bench.store, precision: .fp32)
        #expect(throws: EncoderError.self) { try GoldenCheck(encoder, golden) }
    }

    @Test func aGoldenFileOfAnotherWidthIsRefused() throws {
        let bench = try Workbench()
        let manifest = try manifest(bench, reference("vit"))
        _ = try golden(bench, manifest, side: 32)
        let error = try #require(throws: StorageError.self) {
            try GoldenPatch(contentsOf: bench.folder.appending(path: "check.safetensors"), dim: 33)
        }
        #expect(error.message == "'features' is no [33] of finite fp32 that are not all 0")
    }
}
