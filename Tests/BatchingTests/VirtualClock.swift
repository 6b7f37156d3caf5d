import Batching

/// Readers and devices beside a `BatchQueue`, in the order of a clock that nobody waits for. A reader opens its next slide when the
/// features of the last one are back; that others may read meanwhile is `WorkerSlots`' business.
struct VirtualClock {
    struct Device {
        /// Seconds that a batch takes to be computed, and to be brought to the device before.
        var compute: Double
        var transfer: Double
        /// From this time on it takes so many times as long.
        var slow: (from: Double, times: Double)?
    }

    struct Readers {
        var count: Int
        /// Seconds before a slide's first patches, and for each patch.
        var start: Double
        var patch: Double
        /// Patches that are sent together.
        var chunk = 32
        /// The reader that stands still, from when and for how long.
        var stall: (reader: Int, from: Double, time: Double)?
    }

    struct End {
        /// Share of the time that each device computes.
        var busy: [Double]
        /// Seconds in all.
        var time: Double
        /// Patches that each device has computed.
        var patches: [Int]
        var batches = 0
        /// Rows of each slide that came back, in the order in which they did.
        var delivered: [Int: Int]
    }

    private enum Event {
        /// A reader's next patches are read.
        case read(reader: Int)
        case transferred(device: Int, [BatchQueue.Piece])
        case computed(device: Int, [BatchQueue.Piece])
        /// Look for work.
        case look
    }

    private struct Reader {
        var slide: Int?
        var left = 0
        var sent = 0
        /// Read and not taken in yet.
        var held = 0
    }

    private let batch: Int
    private static let lanes = 2
    private let devices: [Device]
    private let model: Readers
    private var slides: [(number: Int, patches: Int)]
    private var queue: BatchQueue
    private var events: [(time: Double, order: Int, event: Event)] = []
    private var order = 0
    private var now = 0.0
    private var readers: [Reader]
    private var freeLanes: [Int]
    /// Brought there and not computed yet.
    private var ready: [[[BatchQueue.Piece]]]
    private var isComputing: [Bool]
    private var worked: [Double]
    private var end: End

    init(slides: [Int], batch: Int, devices: [Device], readers: Readers) {
        self.batch = batch
        self.devices = devices
        model = readers
        self.slides = slides.enumerated().map { ($0.offset, $0.element) }.reversed()
        let room = Batcher.room(devices.map { _ in (batch, Self.lanes) }, networks: 1)
        queue = BatchQueue(linger: Batcher.usualLinger, room: room)
        self.readers = Array(repeating: Reader(), count: readers.count)
        freeLanes = devices.map { _ in Self.lanes }
        ready = devices.map { _ in [] }
        isComputing = devices.map { _ in false }
        worked = devices.map { _ in 0 }
        end = End(busy: [], time: 0, patches: devices.map { _ in 0 }, delivered: [:])
    }

    mutating func run() -> End {
        for reader in readers.indices { open(reader) }
        while let next = events.min(by: { ($0.time, $0.order) < ($1.time, $1.order) }) {
            events.removeAll { $0.order == next.order }
            now = next.time
            happen(next.event)
            fill()
        }
        end.time = now
        end.busy = worked.map { $0 / now }
        return end
    }

    private mutating func after(_ seconds: Double, _ event: Event) {
        order += 1
        events.append((now + seconds, order, event))
    }

    private mutating func open(_ reader: Int) {
        guard let slide = slides.popLast() else { return readers[reader] = Reader() }
        readers[reader] = Reader(slide: slide.number, left: slide.patches)
        end.delivered[slide.number] = 0
        var wait = model.start
        if let stall = model.stall, stall.reader == reader, now >= stall.from, now < stall.from + stall.time {
            wait += stall.time
        }
        queue.begin(slide.number)
        read(reader, after: wait)
    }

    private mutating func read(_ reader: Int, after wait: Double = 0) {
        let count = min(model.chunk, readers[reader].left)
        readers[reader].held = count
        after(wait + Double(count) * model.patch, .read(reader: reader))
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .read(let reader): send(reader)
        case .transferred(let device, let pieces):
            ready[device].append(pieces)
            compute(device)
        case .computed(let device, let pieces):
            isComputing[device] = false
            freeLanes[device] += 1
            end.batches += 1
            for piece in pieces { end.delivered[piece.slide, default: 0] += piece.rows.count }
            end.patches[device] += pieces.reduce(0) { $0 + $1.rows.count }
            compute(device)
            for reader in readers.indices { goOn(reader) }
        case .look: break
        }
    }

    private mutating func send(_ reader: Int) {
        guard let slide = readers[reader].slide, readers[reader].held > 0, queue.hasRoom else { return }
        let first = readers[reader].sent
        let count = readers[reader].held
        queue.add(.init(slide: slide, rows: first..<(first + count)), at: .seconds(now))
        readers[reader].sent += count
        readers[reader].left -= count
        readers[reader].held = 0
        if readers[reader].left > 0 { read(reader) } else { queue.end(slide) }
    }

    /// A slide is done when all its features are back.
    private mutating func goOn(_ reader: Int) {
        let state = readers[reader]
        guard let slide = state.slide, state.left == 0, end.delivered[slide] == state.sent else { return }
        open(reader)
    }

    private mutating func compute(_ device: Int) {
        guard !isComputing[device], !ready[device].isEmpty else { return }
        let pieces = ready[device].removeFirst()
        isComputing[device] = true
        var time = devices[device].compute
        if let slow = devices[device].slow, now >= slow.from { time *= slow.times }
        worked[device] += time
        after(time, .computed(device: device, pieces))
    }

    /// Every free lane takes what there is; readers that waited for room send on.
    private mutating func fill() {
        for device in devices.indices {
            while freeLanes[device] > 0, case .batch(let pieces) = queue.take(batch, at: .seconds(now)) {
                freeLanes[device] -= 1
                after(devices[device].transfer, .transferred(device: device, pieces))
                // Whoever waits for room has waited since its patches were read.
                for reader in readers.indices where isWaiting(reader) { send(reader) }
            }
        }
        if freeLanes.contains(where: { $0 > 0 }), case .wait(let until?) = queue.take(batch, at: .seconds(now)) {
            after(max(1e-6, until / .seconds(1) - now), .look)
        }
    }

    private func isWaiting(_ reader: Int) -> Bool {
        readers[reader].held > 0
            && !events.contains { if case .read(reader) = $0.event { true } else { false } }
    }
}
