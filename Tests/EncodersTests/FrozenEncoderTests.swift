import Config
import Encoders
import Files
import Foundation
import Records
import Storage
import Testing

@Suite struct FrozenEncoderTests {
    /// A patch per colour.
    private func patches(_ colours: [[UInt8]], side: Int) -> [UInt8] {
        colours.flatMap { colour in (0..<(side * side)).flatMap { _ in colour } }
    }

    private func encode(_ encoder: FrozenEncoder, _ pixels: [UInt8], count: Int, side: Int) throws -> [Float] {
        try pixels.withUnsafeBytes { try encoder.encode(pixels: $0, count: count, side: side) }
    }

    @Test func channelsAreNormalisedAndReachTheModelInOrder() throws {
        let bench = try Workbench()
        let manifest = try bench.manifest(weights: Script.rootOfMeans, ["mean": [0, 0.2, 0], "std": [1, 1, 0.5]])
        let encoder = try FrozenEncoder(manifest, trustedBy: bench.store)
        #expect(encoder.digest == manifest.sha256)
        // √((v/255 − mean) / std) by hand.
        let wanted: [Float] = [0.5, 0.6, 1.2, 1, 0.3, 0]
        let colours = [[63.75, 142.8, 183.6], [255, 73.95, 0]].map { $0.map { UInt8($0.rounded()) } }
        for side in [8, 13] {
            let found = try encode(encoder, patches(colours, side: side), count: 2, side: side)
            #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 0.004 }, "\(found)")
        }
    }

    @Test func anUntrustedFileIsRefusedAndTheCommandNamed() throws {
        let bench = try Workbench()
        let manifest = try bench.manifest(weights: Script.rootOfMeans, trusted: false)
        let error = try #require(throws: EncoderError.self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
        #expect(error.code == .untrusted)
        #expect(error.code.exitStatus == .refused)
        #expect(error.message.hasSuffix("run: wsi encoder trust \(manifest.weightsURL.path)"))
        try bench.store.trust(digest: manifest.sha256, name: "tiny")
        _ = try FrozenEncoder(manifest, trustedBy: bench.store)
    }

    @Test func otherBytesThanThePinnedOnesAreRefused() throws {
        let bench = try Workbench()
        let manifest = try bench.manifest(weights: Script.rootOfMeans)
        try AtomicFile.write(Script.counting, to: manifest.weightsURL)
        let error = try #require(throws: EncoderError.self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
        #expect(
            error
                == .digest(
                    path: manifest.weightsURL.path,
                    found: Digest.sha256(Script.counting),
                    wanted: manifest.sha256
                )
        )
        #expect(error.code.exitStatus == .integrity)
    }

    @Test func aModelThatKeepsStateIsRefused() throws {
        let bench = try Workbench()
        let manifest = try bench.manifest(weights: Script.counting)
        let error = try #require(throws: EncoderError.self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
        #expect(error.message.hasPrefix("the model's forward depends on state that it keeps"))
    }

    @Test func aDamagedModuleIsRefusedInLibTorchsWordsOnOneLine() throws {
        let bench = try Workbench()
        var damaged = Script.rootOfMeans
        // The archive's directory, at its end, stays whole.
        damaged.replaceSubrange(100..<800, with: Data(count: 700))
        let manifest = try bench.manifest(weights: damaged)
        let error = try #require(throws: EncoderError.self) { try FrozenEncoder(manifest, trustedBy: bench.store) }
        #expect(error.code == .encoder)
        #expect(error.message.hasPrefix("LibTorch 2."))
        #expect(!error.description.contains("\n"))
    }

    @Test func aResultOfAnotherWidthIsRefused() throws {
        let bench = try Workbench()
        let encoder = try FrozenEncoder(bench.manifest(weights: Script.rootOfMeans, ["dim": 4]), trustedBy: bench.store)
        #expect(throws: EncoderError.output(name: "tiny", found: [1, 3], wanted: [1, 4])) {
            try encode(encoder, patches([[1, 2, 3]], side: 8), count: 1, side: 8)
        }
    }

    @Test func aFeatureThatIsNotFiniteIsRefusedWithItsPatch() throws {
        let bench = try Workbench()
        let manifest = try bench.manifest(weights: Script.rootOfMeans, ["mean": [0.5, 0, 0]])
        let encoder = try FrozenEncoder(manifest, trustedBy: bench.store)
        #expect(throws: EncoderError.nonFinite(name: "tiny", patch: 1)) {
            try encode(encoder, patches([[200, 0, 0], [100, 0, 0]], side: 8), count: 2, side: 8)
        }
    }

    @Test func pixelsThatAreNotTheSaidPatchesAreRefused() throws {
        let bench = try Workbench()
        let encoder = try FrozenEncoder(bench.manifest(weights: Script.rootOfMeans), trustedBy: bench.store)
        for (count, side) in [(2, 8), (0, 8), (1, 7), (1, Int.max), (Int.max, 8), (-1, 8)] {
            #expect(throws: EncoderError.pixels(found: 192, count: count, side: side)) {
                try encode(encoder, [UInt8](repeating: 0, count: 192), count: count, side: side)
            }
        }
    }

    @Test func threadsThatShareAnEncoderGetTheSameBits() async throws {
        let bench = try Workbench()
        let encoder = try FrozenEncoder(bench.manifest(weights: Script.rootOfMeans), trustedBy: bench.store)
        let pixels = (0..<(8 * 8 * 3)).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let expected = try encode(encoder, pixels, count: 1, side: 8)
        try await withThrowingTaskGroup(of: [Float].self) { group in
            for _ in 0..<64 {
                group.addTask { try pixels.withUnsafeBytes { try encoder.encode(pixels: $0, count: 1, side: 8) } }
            }
            for try await features in group { #expect(features == expected) }
        }
    }
}
