import Foundation
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import MIL

/// What is expected is read before it is asked for, within a bound, and nothing but time depends on it.
@Suite struct BagsAheadTests {
    /// Bags of 100 features, which says what is asked of it.
    private final class WatchedBags: BagSource {
        let asked = Mutex<[SlideID]>([])
        let known: Set<SlideID>

        init(_ known: [SlideID]) { self.known = Set(known) }

        func bag(_ slide: SlideID) throws -> Bag {
            asked.withLock { $0.append(slide) }
            guard known.contains(slide) else { throw BagError.bag(slide: slide.text, reason: "is not there") }
            let part = BagPart(slide: slide, rows: 0..<10, corners: [])
            return Bag(unit: slide.text, parts: [part], width: 10, features: Array(repeating: 1, count: 100))
        }

        /// Once no more comes for a moment.
        func settled() -> [SlideID] {
            var last = asked.withLock(\.self)
            while true {
                usleep(50_000)
                let now = asked.withLock(\.self)
                if now == last { return now }
                last = now
            }
        }
    }

    private let slides: [SlideID]

    init() throws { slides = try (0..<8).map { try SlideID("s\($0)") } }

    private func source() -> WatchedBags { WatchedBags(slides) }

    @Test func asManyAreReadAheadAsFitIntoTheMemory() throws {
        let source = source()
        let ahead = BagsAhead(memory: 3 * 400) { try source.bag($0) }
        ahead.expect(slides)
        #expect(source.settled() == [slides[0]], "how large a bag is, is not known yet")
        #expect(try ahead.bag(slides[0]).unit == "s0")
        #expect(source.settled() == Array(slides[0...3]))
        #expect(try ahead.bag(slides[1]).unit == "s1")
        #expect(source.settled() == Array(slides[0...4]))
        for slide in slides[2...] { #expect(try ahead.bag(slide).unit == slide.text) }
        #expect(source.settled() == slides, "each is read once")
    }

    @Test func oneIsReadAheadWhateverTheMemory() throws {
        let source = source()
        let ahead = BagsAhead(memory: 0) { try source.bag($0) }
        ahead.expect(slides)
        for slide in slides { _ = try ahead.bag(slide) }
        #expect(source.settled() == slides)
        ahead.expect(slides)
        _ = try ahead.bag(slides[0])
        #expect(source.settled().count == slides.count + 2)
    }

    @Test func whatIsSkippedIsNotWaitedFor() throws {
        let source = source()
        let ahead = BagsAhead(memory: 2 * 400) { try source.bag($0) }
        ahead.expect(slides + [slides[0]])
        _ = try ahead.bag(slides[0])
        #expect(try ahead.bag(slides[5]).unit == "s5")
        #expect(source.settled().contains(slides[6]), "the order goes on behind it")
        #expect(try ahead.bag(slides[0]).unit == "s0", "a slide may be drawn twice")
        #expect(try ahead.bag(slides[3]).unit == "s3", "nobody expected it")
    }

    @Test func anErrorBelongsToItsSlideAlone() throws {
        let (missing, source) = (try SlideID("missing"), source())
        let ahead = BagsAhead(memory: 1 << 20) { try source.bag($0) }
        ahead.expect([slides[0], missing, slides[1]])
        #expect(try ahead.bag(slides[0]).unit == "s0")
        #expect(throws: BagError.self) { try ahead.bag(missing) }
        #expect(try ahead.bag(slides[1]).unit == "s1")
    }

    @Test(arguments: [0, 3_000, 1 << 30]) func theMemoryChangesNoParameter(memory: Int) throws {
        let problem = try Problem()
        let (scratch, held) = (try Scratch(), try Scratch())
        try problem.train(0, in: held.folder)
        try problem.train(0, in: scratch.folder, memory: memory)
        for name in ["checkpoint.safetensors", "history.csv", "predictions.csv", "checkpoint.json"] {
            let (cut, whole) = (scratch.file("fold_0/\(name)"), held.file("fold_0/\(name)"))
            #expect(try Data(contentsOf: cut) == Data(contentsOf: whole), "\(name)")
        }
    }
}
