import Config
import Encoders
import Foundation
import Records
import Storage
import Testing
import Torch

/// TorchScript in fp32, and in bf16 by autocast.
@Suite struct ScriptPrecisionTests {
    /// What PyTorch makes of `script.pt` (scripts/import-references).
    private struct Reference: Decodable {
        var fp32: [[Float]]
        var bf16: [[Float]]
    }

    private static let canBF16 = (try? LibTorch.canPack(.bfloat16)) == true
    private static let (side, dim) = (16, 24)

    private let bench: Workbench
    private let reference: Reference
    private let manifest: EncoderManifest

    init() throws {
        bench = try Workbench()
        let folder = ImportReference.folder
        reference = try JSONDecoder().decode(
            Reference.self,
            from: Data(contentsOf: folder.appending(path: "script.json"))
        )
        manifest = try bench.manifest(
            weights: Data(contentsOf: folder.appending(path: "script.pt")),
            [
                "dim": Self.dim, "input": Self.side, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
            ]
        )
    }

    private func encoder(_ precision: Precision) throws -> FrozenEncoder {
        try FrozenEncoder(manifest, trustedBy: bench.store, precision: precision)
    }

    private static func features(_ encoder: FrozenEncoder) throws -> [Float] {
        try Recipe.pixels(side: side).withUnsafeBytes { try encoder.encode(pixels: $0, count: 2, side: side) }
    }

    private func distance(_ left: [Float], _ right: [[Float]]) -> Float {
        zip(left, right.flatMap { $0 }).map { abs($0 - $1) }.max() ?? .infinity
    }

    @Test(arguments: [Precision.auto, .fp32]) func torchScriptIsFP32WhereBF16IsNotAskedFor(precision: Precision) throws
    {
        let encoder = try encoder(precision)
        #expect(encoder.precision == .fp32)
        #expect(try distance(Self.features(encoder), reference.fp32) < 1e-5)
    }

    @Test(.enabled(if: canBF16)) func bf16IsThatOfPyTorchsAutocast() throws {
        let encoder = try encoder(.bf16)
        #expect(encoder.precision == .bf16)
        let found = try Self.features(encoder)
        #expect(distance(found, reference.bf16) < 1e-4)
        // The features of both are that far apart.
        #expect(distance(found, reference.fp32) > 2e-3)
        let difference = FeatureDifference(found, from: reference.fp32.flatMap { $0 }, dim: Self.dim)
        #expect(difference.cosine > 0.9999 && difference.relative > 1e-3 && difference.relative < 1e-2)
    }

    @Test(.enabled(if: !canBF16)) func bf16IsRefusedWhereTheProcessorDoesNotMultiplyInIt() throws {
        let error = try #require(throws: Failure.self) { try encoder(.bf16) }
        #expect(error.code == .usage)
    }

    /// Autocast is a setting of a thread: what it does to one encoder must not reach another.
    @Test(.enabled(if: canBF16)) func encodersOfBothPrecisionsShareThreads() async throws {
        let (wide, narrow) = (try encoder(.fp32), try encoder(.bf16))
        let before = try (wide: Self.features(wide), narrow: Self.features(narrow))
        #expect(before.wide != before.narrow)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    try Self.features(narrow) == before.narrow && Self.features(wide) == before.wide
                        && Self.features(narrow) == before.narrow
                }
            }
            for try await isSame in group { #expect(isSame) }
        }
    }

    @Test(.enabled(if: canBF16)) func madePatchesTellWhatBF16Changes() throws {
        let pixels = ProbePatches.pixels(side: 20)
        #expect(pixels.count == ProbePatches.count * 20 * 20 * 3)
        let (wide, narrow) = (
            try ProbePatches.features(of: encoder(.fp32)), try ProbePatches.features(of: encoder(.bf16))
        )
        let difference = FeatureDifference(narrow, from: wide, dim: Self.dim)
        #expect(difference.cosine > 0.999 && difference.cosine < 1 && difference.absolute > 1e-4)
    }
}

@Suite struct FeatureDifferenceTests {
    @Test func distancesAndAnglesAreThoseByHand() {
        let difference = FeatureDifference([3, 4, 1, 0], from: [3, 3, 0, 2], dim: 2)
        #expect(difference.absolute == 2)
        #expect(abs(difference.relative - 2.0 / 3) < 1e-12)
        // Of the second patch: (1, 0) and (0, 2).
        #expect(difference.cosine == 0)
        #expect(abs(FeatureDifference([3, 4], from: [4, 3], dim: 2).cosine - 0.96) < 1e-12)
    }

    @Test func patchesWithoutAnyFeatureAreAlike() {
        let same = FeatureDifference([0, 0, 1, 2], from: [0, 0, 1, 2], dim: 2)
        #expect((same.absolute, same.relative) == (0, 0))
        #expect(abs(same.cosine - 1) < 1e-12)
        #expect(FeatureDifference([0, 0], from: [1, 0], dim: 2).cosine == 0)
    }
}
