import Config
import Encoders
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct ReferenceEncoderTests {
    /// Features that Python's torch made of eight patches of a real slide with the same weights.
    @Test(.enabled(if: SharedData.has("encoders/squeezenet1_0.json"), "\(SharedData.absence)"))
    func aRealEncoderGivesItsReferenceFeatures() throws {
        let manifest = try EncoderManifest(contentsOf: SharedData.file("encoders/squeezenet1_0.json"))
        let bench = try Workbench()
        try bench.store.trust(digest: manifest.sha256, name: manifest.name)
        let encoder = try FrozenEncoder(manifest, trustedBy: bench.store)

        let reference = try SafeTensors(contentsOf: SharedData.file("encoders/squeezenet1_0.expected.safetensors"))
        let patches = try #require(reference.tensors["patches"])
        let expected = try #require(reference.tensors["features"]?.floats)
        #expect(patches.shape == [8, 224, 224, 3])
        let found = try patches.bytes.withUnsafeBytes { try encoder.encode(pixels: $0, count: 8, side: 224) }
        #expect(found.count == 8 * manifest.dim)
        #expect(zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity < 1e-4)

        // One at a time: a patch's features do not depend on its batch.
        let single = try patches.bytes.prefix(224 * 224 * 3).withUnsafeBytes {
            try encoder.encode(pixels: $0, count: 1, side: 224)
        }
        #expect(zip(single, expected).map { abs($0 - $1) }.max() ?? .infinity < 1e-4)
    }
}
