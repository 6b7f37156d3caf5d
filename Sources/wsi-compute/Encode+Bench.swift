import Batching
import Encoders
import Foundation
import Messages
import Records
import Synchronization

extension Encode {
    /// Feeds an encoder with made patches, of its own side, for as long as is asked.
    static func bench(_ request: BenchRequest) throws -> BenchRequest.Answer {
        let (batcher, devices) = try batcher([request.encoder], request.device, threads: request.threads) { _ in }
        guard let encoder = devices.first?.networks.first as? FrozenEncoder else {
            throw Failure(.bug, nil, "no encoder to measure")
        }
        let feed = Feed(batcher, ProbePatches.pixels(side: encoder.inputSize), side: encoder.inputSize)
        batcher.run()
        feed.start(max(2, min(8, request.threads)))
        // First batches also load kernels and fill caches.
        let first = try feed.wait { $0.allSatisfy { $0.patches > 0 && $0.patches >= 2 * $0.batch } }
        let deadline = ContinuousClock.now + .seconds(request.seconds)
        let last = try feed.wait { use in
            ContinuousClock.now >= deadline
                && zip(use, first).allSatisfy { $0.patches > $1.patches }
        }
        feed.stop()
        return .init(precision: encoder.precision, use: zip(last, first).map { $0.since($1) })
    }
}

/// Threads that send patches as fast as they are taken.
private final class Feed: Sendable {
    private let batcher: Batcher
    private let pixels: [UInt8]
    private let side: Int
    private let state = Mutex((isOver: false, failure: (any Error)?.none))

    /// - Parameter pixels: of `ProbePatches.count` patches.
    init(_ batcher: Batcher, _ pixels: [UInt8], side: Int) {
        // Sent in pieces that neither divide batches nor are many.
        self.pixels = Array(repeatElement(pixels, count: 8).joined())
        (self.batcher, self.side) = (batcher, side)
    }

    func start(_ threads: Int) {
        for _ in 0..<threads { Thread.detachNewThread { self.send() } }
    }

    func stop() {
        state.withLock { $0.isOver = true }
        batcher.close()
    }

    /// Looks at the devices until they are as wanted.
    /// - Throws: why a patch could not be computed.
    func wait(_ isDone: ([DeviceUse]) -> Bool) throws -> [DeviceUse] {
        while true {
            if let failure = state.withLock(\.failure) { throw failure }
            let use = batcher.use
            if isDone(use) { return use }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    private func send() {
        let ticket = batcher.begin(0)
        do {
            while !state.withLock(\.isOver) {
                _ = try batcher.send(pixels, count: 8 * ProbePatches.count, side: side, ticket)
            }
        } catch {
            // That the batches are closed is no failure.
            state.withLock { state in if !state.isOver { state.failure = error } }
        }
    }
}
