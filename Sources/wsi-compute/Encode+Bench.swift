import Batching
import Encoders
import Messages
import Records

extension Encode {
    /// Feeds an encoder with made patches, of its own side, for as long as is asked.
    /// - Parameter say: told of devices that are lost, and of batches that become smaller.
    static func bench(
        _ request: BenchRequest,
        say: @escaping @Sendable (BenchWord) -> Void
    ) throws -> BenchRequest.Answer {
        let (batcher, devices) = try batcher([request.encoder], request.device, threads: request.threads) {
            say(.note($0))
        }
        guard let encoder = devices.first?.networks.first as? FrozenEncoder else {
            throw Failure(.bug, nil, "no encoder to measure")
        }
        // Sent in pieces that neither divide batches nor are many.
        let pixels = Array(repeatElement(ProbePatches.pixels(side: encoder.inputSize), count: 8).joined())
        let feed = Feed(batcher, pixels, count: 8 * ProbePatches.count, side: encoder.inputSize)
        let use = try feed.measure(threads: max(2, min(8, request.threads)), seconds: request.seconds)
        return .init(precision: encoder.precision, use: use, patchesAtOnce: batcher.patchesAtOnce)
    }
}
