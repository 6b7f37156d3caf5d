import Foundation
import Messages
import Records
import Testing

@testable import Batching

/// How devices are measured that never wait for patches.
@Suite(.timeLimit(.minutes(1))) struct FeedTests {
    private let pixels = (0..<3).flatMap { FakeSlide($0, 1).patches[0] }

    private func device(_ name: String, _ network: FakeNetwork, batch: Int = 4, lanes: Int = 2) -> BatchDevice {
        BatchDevice(name, [network], batch: batch, lanes: lanes)
    }

    private func feed(_ batcher: Batcher) -> Feed { Feed(batcher, pixels, count: 3, side: 2) }

    @Test func everyDeviceIsMeasured() throws {
        let batcher = Batcher([device("a", FakeNetwork(time: 0.002)), device("b", FakeNetwork(time: 0.004))])
        let use = try feed(batcher).measure(threads: 2, seconds: 0.2)
        #expect(use.map(\.name) == ["a", "b"])
        #expect(use.allSatisfy { $0.patches > 0 && $0.seconds > 0 && $0.batch == 4 })
        #expect(use[0].patches > use[1].patches)
    }

    @Test func aDeviceThatIsLostIsNotWaitedForAndTheOthersAreMeasured() throws {
        // In its first batches, and while it is measured.
        for calls in [0, 1, 40] {
            let lost = FakeNetwork(.lostAfter(calls), time: 0.002)
            let batcher = Batcher([device("a", FakeNetwork(time: 0.002)), device("b", lost)])
            let use = try feed(batcher).measure(threads: 2, seconds: 0.3)
            #expect(use.map(\.name) == ["a"], "lost after \(calls)")
            #expect(use[0].patches > 0)
        }
    }

    @Test func theLastDeviceThatIsLostEndsIt() {
        let batcher = Batcher([device("a", FakeNetwork(.lostAfter(5))), device("b", FakeNetwork(.lostAfter(3)))])
        #expect(throws: Failure.self) { try feed(batcher).measure(threads: 2, seconds: 60) }
    }

    @Test func measuringBeginsWhenEveryLaneHasComputedTwoBatches() throws {
        let network = FakeNetwork(time: 0.01)
        let batcher = Batcher([device("a", network, batch: 4, lanes: 8)])
        let use = try feed(batcher).measure(threads: 2, seconds: 0.1)
        // Those of the warm-up are not told.
        #expect(network.batches.count * 4 - use[0].patches >= 2 * 8 * 4)
    }

    @Test func aPatchThatIsRefusedIsSaid() {
        let batcher = Batcher([device("a", FakeNetwork(.refuses(1)))])
        #expect(throws: Failure.self) { try feed(batcher).measure(threads: 2, seconds: 60) }
    }

    @Test func everyLaneIsToHaveABatch() {
        let batcher = Batcher([
            device("cpu", FakeNetwork(), batch: 8, lanes: 3), device("gpu", FakeNetwork(), batch: 256, lanes: 2),
        ])
        #expect(batcher.patchesAtOnce == 8 * 3 + 256 * 2)
    }
}
