import Batching
import Testing

@Suite struct BatchQueueTests {
    private func queue() -> BatchQueue { BatchQueue(linger: .milliseconds(20), room: 16) }

    @Test func patchesOfSeveralSlidesFillABatchInTheOrderInWhichTheyCame() {
        var queue = queue()
        [1, 2].forEach { queue.begin($0) }
        queue.add(.init(slide: 1, rows: 0..<3), at: .zero)
        queue.add(.init(slide: 2, rows: 0..<3), at: .zero)
        queue.add(.init(slide: 1, rows: 3..<10), at: .zero)
        #expect(
            queue.take(8, at: .zero)
                == .batch([
                    .init(slide: 1, rows: 0..<3), .init(slide: 2, rows: 0..<3), .init(slide: 1, rows: 3..<5),
                ])
        )
        #expect(queue.count == 5)
        #expect(queue.take(8, at: .milliseconds(5)) == .wait(until: .milliseconds(20)))
    }

    @Test func aPartOfABatchGoesWhereNoSlideCanSendMore() {
        var queue = queue()
        [1, 2].forEach { queue.begin($0) }
        queue.add(.init(slide: 1, rows: 0..<3), at: .zero)
        queue.end(1)
        #expect(queue.take(8, at: .zero) == .wait(until: .milliseconds(20)))
        queue.end(2)
        #expect(queue.take(8, at: .zero) == .batch([.init(slide: 1, rows: 0..<3)]))
        #expect(queue.take(8, at: .zero) == .wait(until: nil))
    }

    @Test func aPartOfABatchGoesWhenItHasWaitedLongEnough() {
        var queue = queue()
        queue.begin(1)
        queue.add(.init(slide: 1, rows: 0..<1), at: .milliseconds(7))
        #expect(queue.take(8, at: .milliseconds(26)) == .wait(until: .milliseconds(27)))
        #expect(queue.take(8, at: .milliseconds(27)) == .batch([.init(slide: 1, rows: 0..<1)]))
    }

    @Test func whatIsPutBackComesFirstAndAtOnce() {
        var queue = queue()
        queue.begin(1)
        queue.add(.init(slide: 1, rows: 0..<12), at: .milliseconds(5))
        guard case .batch(let pieces) = queue.take(8, at: .milliseconds(5)) else { return #expect(Bool(false)) }
        queue.putBack(pieces)
        #expect(queue.count == 12)
        #expect(queue.take(4, at: .milliseconds(5)) == .batch([.init(slide: 1, rows: 0..<4)]))
        #expect(
            queue.take(8, at: .milliseconds(5))
                == .batch([.init(slide: 1, rows: 4..<8), .init(slide: 1, rows: 8..<12)])
        )
    }

    @Test func aSlideThatIsDroppedLeavesTheOthers() {
        var queue = queue()
        [1, 2].forEach { queue.begin($0) }
        queue.add(.init(slide: 1, rows: 0..<9), at: .zero)
        queue.add(.init(slide: 2, rows: 0..<9), at: .zero)
        #expect(!queue.hasRoom)
        _ = queue.take(4, at: .zero)
        queue.drop(1)
        #expect(queue.hasRoom)
        #expect(queue.take(8, at: .zero) == .batch([.init(slide: 2, rows: 0..<8)]))
        queue.end(2)
        #expect(queue.take(8, at: .zero) == .batch([.init(slide: 2, rows: 8..<9)]))
    }

    @Test func slidesThatAreHeldGoOnWaiting() {
        var queue = queue()
        [1, 2].forEach { queue.begin($0) }
        queue.add(.init(slide: 1, rows: 0..<3), at: .zero)
        queue.add(.init(slide: 2, rows: 0..<9), at: .milliseconds(1))
        queue.add(.init(slide: 1, rows: 3..<5), at: .milliseconds(2))
        #expect(queue.take(8, at: .milliseconds(2), without: [1]) == .batch([.init(slide: 2, rows: 0..<8)]))
        #expect(queue.count == 6)
        // What is held does not make the others wait less.
        #expect(queue.take(8, at: .milliseconds(20), without: [1]) == .wait(until: .milliseconds(21)))
        #expect(queue.take(8, at: .milliseconds(20), without: [1, 2]) == .wait(until: nil))
        #expect(
            queue.take(8, at: .milliseconds(20))
                == .batch([.init(slide: 1, rows: 0..<3), .init(slide: 1, rows: 3..<5), .init(slide: 2, rows: 8..<9)])
        )
    }
}
