import Batching
import Config
import Encoders
import Foundation
import Records
import Storage
import Testing
import Torch

/// On a CPU neither the order of patches, nor their place in a batch, nor what stands beside them changes a byte of their features.
@Suite struct BatchTests {
    private static let architectures: [(name: String, input: Int, dim: Int, json: String)] = [
        (
            "vit", 64, 192,
            #"{"family": "vit", "patch": 16, "width": 192, "depth": 2, "heads": 3, "hidden": 768, "layer_scale": true}"#
        ),
        ("resnet", 64, 512, #"{"family": "resnet", "block": "bottleneck", "layers": [1, 1]}"#),
    ]

    private static let precisions: [Precision] =
        (try? LibTorch.canPack(.bfloat16)) == true ? [.fp32, .bf16] : [.fp32]

    private func encoder(_ name: String, _ precision: Precision, _ bench: Workbench) throws -> FrozenEncoder {
        let (_, input, dim, json) = try #require(Self.architectures.first { $0.name == name })
        let architecture = try JSONDecoder().decode(EncoderArchitecture.self, from: Data(json.utf8))
        let fields: [String: Any] = [
            "architecture": try JSONSerialization.jsonObject(with: Data(json.utf8)), "input": input, "dim": dim,
        ]
        let weights = try Recipe.weights(architecture, input: input).data()
        let manifest = try bench.manifest(weights: weights, trusted: false, fields)
        return try FrozenEncoder(manifest, trustedBy: bench.store, precision: precision)
    }

    @Test(arguments: architectures.map(\.name), precisions)
    func featuresDependOnThePatchAlone(name: String, precision: Precision) throws {
        let bench = try Workbench()
        let encoder = try encoder(name, precision, bench)
        let (bytes, count, batch) = (encoder.bytesPerPatch, 19, encoder.batch)
        let pixels = Recipe.pixels(side: encoder.inputSize, count: count)
        func features(_ rows: [Int], at place: Int = 0) throws -> [[Float]] {
            var filled = [UInt8](repeating: 0, count: batch * bytes)
            for (index, row) in rows.enumerated() {
                let start = (place + index) * bytes
                filled.replaceSubrange(start..<(start + bytes), with: pixels[(row * bytes)..<((row + 1) * bytes)])
            }
            let found = try filled.withUnsafeBytes { try encoder.features(of: $0, count: batch) }
            return rows.indices.map {
                Array(found[((place + $0) * encoder.dim)..<((place + $0 + 1) * encoder.dim)])
            }
        }
        let alone = try (0..<count).map { try features([$0])[0] }
        #expect(Set(alone).count == count)
        for place in 0..<batch { #expect(try features([3], at: place)[0] == alone[3]) }
        for fill in 1...batch {
            for start in [0, 5, 11] {
                // 7 and 19 share no factor: each fill has other companions in another order.
                let rows = (0..<fill).map { ($0 * 7 + start * fill) % count }
                #expect(try features(rows) == rows.map { alone[$0] }, "\(rows)")
            }
        }
    }

    @Test(arguments: precisions) func manySlidesAtOnceGetWhatEachGetsAlone(_ precision: Precision) async throws {
        let bench = try Workbench()
        let encoder = try encoder("vit", precision, bench)
        let batcher = Batcher([BatchDevice("cpu", [encoder], batch: encoder.batch, lanes: 2)])
        batcher.run()
        defer { batcher.close() }
        // Patches of another side: the slide's own thread resamples them.
        let side = 50
        let pixels = Recipe.pixels(side: side, count: 37)
        let bytes = side * side * 3
        @Sendable func encoded(_ rows: Range<Int>) throws -> [Float] {
            let ticket = batcher.begin(0)
            defer { batcher.drop(ticket) }
            var features: [Float] = []
            for first in stride(from: rows.lowerBound, to: rows.upperBound, by: 3) {
                let part = first..<min(rows.upperBound, first + 3)
                let bytes = Array(pixels[(part.lowerBound * bytes)..<(part.upperBound * bytes)])
                features += try batcher.send(bytes, count: part.count, side: side, ticket)
            }
            return try features + batcher.finish(ticket).features
        }
        let slides = [0..<1, 1..<14, 14..<16, 16..<37]
        let alone = try slides.map(encoded)
        let together = await withTaskGroup { group in
            for (place, rows) in slides.enumerated() {
                group.addTask {
                    await withCheckedContinuation { done in
                        Thread.detachNewThread { done.resume(returning: (place, try? encoded(rows))) }
                    }
                }
            }
            var ends = [[Float]?](repeating: nil, count: slides.count)
            for await (place, features) in group { ends[place] = features }
            return ends
        }
        #expect(together == alone)
    }
}
