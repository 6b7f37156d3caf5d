import Foundation
public import Messages
import Records
import Synchronization

/// Sends patches as fast as they are taken, so that no device waits for any, and sees how many each computes.
public final class Feed: Sendable {
    private let batcher: Batcher
    private let pixels: [UInt8]
    private let count: Int
    private let side: Int
    private let state = Mutex((isOver: false, failure: (any Error)?.none))

    /// - Parameters:
    ///   - batcher: that nobody else uses, of one network.
    ///   - pixels: of `count` patches [count, side, side, 3], which are sent together.
    public init(_ batcher: Batcher, _ pixels: [UInt8], count: Int, side: Int) {
        (self.batcher, self.pixels, self.count, self.side) = (batcher, pixels, count, side)
    }

    /// Runs the batcher, and closes it.
    /// - Parameters:
    ///   - threads: that send.
    ///   - seconds: at least, and until each device has computed a batch. They begin when every lane has computed two, in which
    ///     kernels are loaded and caches filled.
    /// - Returns: what each device did in them; one that was lost on the way is left out.
    /// - Throws: why a patch could not be computed.
    public func measure(threads: Int, seconds: Double) throws -> [DeviceUse] {
        batcher.run()
        for _ in 0..<max(1, threads) { Thread.detachNewThread { self.send() } }
        defer {
            state.withLock { $0.isOver = true }
            batcher.close()
        }
        let warm = try wait { index, use in
            use.patches > 0 && use.patches >= 2 * batcher.devices[index].lanes * use.batch
        }
        let deadline = ContinuousClock.now + .seconds(seconds)
        let last = try wait { index, use in ContinuousClock.now >= deadline && use.patches > warm[index].patches }
        let lost = batcher.lost
        return last.indices.filter { !lost[$0] }.map { last[$0].since(warm[$0]) }
    }

    /// Looks at the devices until each one that is not lost is as wanted.
    private func wait(_ isDone: (_ index: Int, DeviceUse) -> Bool) throws -> [DeviceUse] {
        while true {
            if let failure = state.withLock(\.failure) { throw failure }
            let (lost, use) = (batcher.lost, batcher.use)
            if use.indices.allSatisfy({ lost[$0] || isDone($0, use[$0]) }), lost.contains(false) { return use }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    private func send() {
        let ticket = batcher.begin(0)
        do {
            while !state.withLock(\.isOver) { _ = try batcher.send(pixels, count: count, side: side, ticket) }
        } catch {
            // That the batches are closed is no failure.
            state.withLock { state in if !state.isOver { state.failure = error } }
        }
    }
}

extension Batcher {
    /// Whether each device is lost.
    var lost: [Bool] { state.change { $0.batches.map { $0 == 0 } } }

    /// Patches that give every lane of every device a batch.
    public var patchesAtOnce: Int { devices.reduce(0) { $0 + $1.batch * $1.lanes } }
}
