import Dispatch
import Records
import Storage
import Synchronization

/// Bags, made ready on a thread of their own in the order in which they are expected, so that a step does not wait for the disk.
final class BagsAhead<Ready: ReadyBag> {
    private let make: @Sendable (SlideID) throws -> Ready
    private let memory: Int
    private let thread = DispatchQueue(label: "bags", qos: .userInitiated)
    /// Not begun yet, the next one last.
    private var expected: [SlideID] = []
    /// Begun and not asked for yet, in their order.
    private var begun: [(slide: SlideID, bag: ComingBag<Ready>)] = []
    /// Bytes of the largest bag so far.
    private var largest = 0

    /// - Parameters:
    ///   - memory: bytes of features that may lie ready or be read at once; one bag is always read ahead.
    ///   - make: reads a bag and does what else can be done before its step; called on the thread.
    init(memory: Int, _ make: @escaping @Sendable (SlideID) throws -> Ready) {
        (self.make, self.memory) = (make, memory)
    }

    /// Forgets what was expected before.
    func expect(_ slides: [SlideID]) {
        begun = []
        expected = slides.reversed()
        begin()
    }

    func bag(_ slide: SlideID) throws -> Ready {
        let bag = try coming(slide).wait()
        largest = max(largest, bag.bytes)
        begin()
        return bag
    }

    /// What was expected before the slide is not asked for any more; a slide that nobody expected is read out of turn.
    private func coming(_ slide: SlideID) -> ComingBag<Ready> {
        if let place = begun.firstIndex(where: { $0.slide == slide }) {
            begun.removeFirst(place)
            return begun.removeFirst().bag
        }
        if let place = expected.lastIndex(of: slide) {
            begun = []
            expected.removeSubrange(place...)
        }
        return read(slide)
    }

    /// Begins to read as far as there is memory. How large a bag is, is not known before it is there: it is taken for the largest so far.
    private func begin() {
        while let slide = expected.last, begun.isEmpty || (begun.count + 1) * largest <= memory && largest > 0 {
            expected.removeLast()
            begun.append((slide, read(slide)))
        }
    }

    private func read(_ slide: SlideID) -> ComingBag<Ready> {
        let (coming, make) = (ComingBag<Ready>(), make)
        thread.async { [weak coming] in
            // Nobody waits for it any more.
            guard let coming else { return }
            coming.come(Result { try make(slide) })
        }
        return coming
    }
}

/// A bag as it waits for its step.
protocol ReadyBag: Sendable {
    /// Of its features.
    var bytes: Int { get }
}

/// A bag that is being read.
private final class ComingBag<Ready: ReadyBag>: Sendable {
    private let result = Mutex<Result<Ready, any Error>?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    func come(_ bag: Result<Ready, any Error>) {
        result.withLock { $0 = bag }
        isThere.signal()
    }

    /// Once; the bag does not stay here.
    func wait() throws -> Ready {
        isThere.wait()
        let found = result.withLock { result in
            defer { result = nil }
            return result
        }
        guard let found else { throw BagError.bag(slide: "", reason: "a bag is taken twice") }
        return try found.get()
    }
}

extension Bag: ReadyBag {
    var bytes: Int { features.count * MemoryLayout<Float>.size }
}
