import Foundation
public import Records
import Synchronization

/// Fills batches of one shape with the patches of many slides, and keeps every lane of every device at work on them.
///
/// A slide sends patches, which waits while too many lie here, and takes their features in order. Batches are of one size, the last ones
/// filled with zeros, so that neither the order of patches nor what stands beside them changes what the network does to one.
public final class Batcher: Sendable {
    /// The patches of one slide for one network.
    public struct Ticket: Hashable, Sendable {
        fileprivate let slide: Int
        fileprivate let network: Int
    }

    public enum News: Sendable {
        /// For the person.
        case note(String)
        /// The last device is lost, and nothing is computed any more.
        case ended(Failure)
    }

    /// A batch on its way through a device.
    struct Work {
        var network: Int
        var pieces: [BatchQueue.Piece]
        /// Of each piece.
        var pixels: [[ArraySlice<UInt8>]]
        /// Patches with those that fill it.
        var batch: Int
        /// The device that its one piece has cost already; nil where none was lost with it.
        var cost: String?
    }

    struct State {
        /// By network.
        var queues: [BatchQueue]
        var slides: [Int: SlidePatches] = [:]
        var begun = 0
        var trials: Trials
        /// Patches of a batch, by device; 0 where it is lost.
        var batches: [Int]
        /// Why the last device was lost.
        var loss: Failure?
        var isClosed = false

        var hasDevice: Bool { batches.contains { $0 > 0 } }
    }

    /// For the rest of a batch.
    public static let usualLinger = Duration.milliseconds(20)

    /// Patches of a network that may wait: with all networks together two batches for each lane, one to be filled while the other is
    /// computed, but never less than the largest batch.
    public static func room(_ devices: [(batch: Int, lanes: Int)], networks: Int) -> Int {
        let all = devices.reduce(0) { $0 + 2 * $1.batch * $1.lanes }
        return max(all / max(1, networks), devices.map(\.batch).max() ?? 1)
    }

    let devices: [BatchDevice]
    let meters: Mutex<[DeviceMeter]>
    let state: Monitor<State>
    private let start = ContinuousClock.now
    let news: @Sendable (News) -> Void

    /// - Parameters:
    ///   - devices: all with the same networks; at least one.
    ///   - linger: how long patches wait for others to fill their batch.
    ///   - news: told of devices that are lost and batches that become smaller.
    public init(
        _ devices: [BatchDevice],
        linger: Duration = usualLinger,
        news: @escaping @Sendable (News) -> Void = { _ in }
    ) {
        self.devices = devices
        meters = Mutex(devices.map { DeviceMeter(parallel: $0.parallel) })
        self.news = news
        let networks = devices.first?.networks.count ?? 0
        let room = Self.room(devices.map { ($0.batch, $0.lanes) }, networks: networks)
        state = Monitor(
            State(
                queues: Array(repeating: BatchQueue(linger: linger, room: room), count: networks),
                trials: Trials(devices: devices.count),
                batches: devices.map(\.batch)
            )
        )
    }

    /// Starts the lanes, a thread each.
    public func run() {
        for index in devices.indices {
            for _ in 0..<devices[index].lanes { Thread.detachNewThread { self.serve(index) } }
        }
    }

    /// Ends the lanes; what waits is not computed.
    public func close() { state.change { $0.isClosed = true } }

    /// - Parameter network: its place.
    public func begin(_ network: Int) -> Ticket {
        state.change { state in
            state.begun += 1
            let ticket = Ticket(slide: state.begun, network: network)
            let bytes = devices[0].networks[network].bytesPerPatch
            state.slides[ticket.slide] = SlidePatches(network: network, bytesPerPatch: bytes)
            state.queues[network].begin(ticket.slide)
            return ticket
        }
    }

    /// Hands over patches [count, side, side, 3], as soon as there is room for them.
    /// - Returns: the features that are ready, of the next rows.
    /// - Throws: why the slide gets no features.
    public func send(_ pixels: [UInt8], count: Int, side: Int, _ ticket: Ticket) throws -> [Float] {
        let network = devices[0].networks[ticket.network]
        let prepared = try network.prepared(pixels, count: count, side: side)
        return try state.wait { state in
            try check(state, ticket)
            guard state.queues[ticket.network].hasRoom else { return .wait(nil) }
            guard let rows = state.slides[ticket.slide]?.add(prepared, count: count) else {
                throw Failure(.bug, nil, "patches of a slide that was dropped")
            }
            state.queues[ticket.network].add(.init(slide: ticket.slide, rows: rows), at: now)
            return .found(state.slides[ticket.slide]?.ready(dim: network.dim) ?? [])
        }
    }

    /// The slide sends no more, so that nobody's patches wait for it.
    public func end(_ ticket: Ticket) { state.change { $0.queues[ticket.network].end(ticket.slide) } }

    /// Waits for the features of all that was sent.
    /// - Returns: those that were not handed out; the batch they were computed in, nil without patches.
    public func finish(_ ticket: Ticket) throws -> (features: [Float], batch: Int?) {
        end(ticket)
        defer { drop(ticket) }
        var features: [Float] = []
        return try state.wait { state in
            try check(state, ticket)
            features += state.slides[ticket.slide]?.ready(dim: devices[0].networks[ticket.network].dim) ?? []
            guard let slide = state.slides[ticket.slide], !slide.isComplete else {
                return .found((features, state.slides[ticket.slide]?.batch))
            }
            return .wait(nil)
        }
    }

    /// Forgets a slide and what waits of it.
    public func drop(_ ticket: Ticket) {
        state.change { state in
            state.slides[ticket.slide] = nil
            state.queues[ticket.network].drop(ticket.slide)
            state.trials.drop(ticket.slide)
        }
    }

    var now: Duration { ContinuousClock.now - start }

    private func check(_ state: State, _ ticket: Ticket) throws {
        if let failure = state.slides[ticket.slide]?.failure { throw failure }
        if state.isClosed { throw Failure(.bug, nil, "the batches are closed") }
        if !state.hasDevice { throw state.loss ?? Failure(.bug, nil, "no device computes") }
    }

    private func serve(_ device: Int) {
        while let work = next(for: device) {
            defer { state.change { $0.trials.end(device) } }
            do {
                try deliver(work, compute(work, on: device))
            } catch BatchFault.memory(let failure) {
                halve(work, on: device, failure)
            } catch BatchFault.device(let failure) {
                lose(device, work, failure)
            } catch {
                blame(work, on: device, error)
            }
        }
    }

    /// Waits for a batch; nil where there is none to come.
    private func next(for device: Int) -> Work? {
        state.wait { state in
            guard !state.isClosed, state.batches[device] > 0 else { return .found(nil) }
            let (batch, now) = (state.batches[device], now)
            func work(_ network: Int, _ pieces: [BatchQueue.Piece], cost: String? = nil) -> Work {
                state.trials.begin(device)
                let pixels = pieces.map { state.slides[$0.slide]?.pixels(of: $0.rows) ?? [] }
                return Work(network: network, pieces: pieces, pixels: pixels, batch: batch, cost: cost)
            }
            switch state.trials.turn(of: device, batch) {
            case .trial(let trial): return .found(work(trial.network, [trial.piece], cost: trial.cost))
            case .stand: return .wait(nil)
            case .free: break
            }
            var soonest: Duration?
            let order = state.queues.indices.sorted {
                (state.queues[$0].oldest ?? .zero, $0) < (state.queues[$1].oldest ?? .zero, $1)
            }
            for network in order {
                switch state.queues[network].take(batch, at: now, without: state.trials.slides) {
                case .batch(let pieces): return .found(work(network, pieces))
                case .wait(let until?): soonest = min(soonest ?? until, until)
                case .wait(nil): break
                }
            }
            return .wait(soonest.map { max(.zero, $0 - now) })
        }
    }

    /// - Returns: the features of all pieces, one after the other.
    func compute(_ work: Work, on device: Int) throws -> [Float] {
        let network = devices[device].networks[work.network]
        let size = work.batch * network.bytesPerPatch
        let pixels = [UInt8](unsafeUninitializedCapacity: size) { bytes, filled in
            for slice in work.pixels.joined() {
                slice.withUnsafeBufferPointer { source in
                    _ = bytes[filled..<min(size, filled + source.count)].update(fromContentsOf: source)
                }
                filled += slice.count
            }
            bytes[filled..<size].update(repeating: 0)
            filled = size
        }
        let patches = work.pieces.reduce(0) { $0 + $1.rows.count }
        return try metered(device, batch: work.batch, patches: patches) {
            try pixels.withUnsafeBytes { try network.features(of: $0, count: work.batch) }
        }
    }

    /// A number that is none is the fault of its slide alone.
    func deliver(_ work: Work, _ features: [Float]) {
        let network = devices[0].networks[work.network]
        var first = 0
        let parts = work.pieces.map { piece in
            defer { first += piece.rows.count * network.dim }
            return Array(features[first..<(first + piece.rows.count * network.dim)])
        }
        state.change { state in
            for (piece, part) in zip(work.pieces, parts) where state.slides[piece.slide] != nil {
                if let bad = part.firstIndex(where: { !$0.isFinite }) {
                    let row = piece.rows.lowerBound + bad / network.dim
                    let text = "patch \(row) gave a feature that is no finite number"
                    fail(piece, Failure(.nonFinite, network.name, text), &state)
                } else {
                    state.slides[piece.slide]?.deliver(part, of: piece.rows, batch: work.batch)
                }
            }
        }
    }
}
