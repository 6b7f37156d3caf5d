import Batching
import Testing

/// What becomes of patches that a device was lost with.
@Suite struct TrialsTests {
    private func piece(_ slide: Int, _ rows: Range<Int>) -> BatchQueue.Piece { .init(slide: slide, rows: rows) }

    private func trial(_ slide: Int, _ rows: Range<Int>) -> Trials.Turn {
        .trial(.init(network: 0, piece: piece(slide, rows), cost: "gpu:0"))
    }

    private func trials() -> Trials {
        var trials = Trials(devices: 3)
        trials.add([piece(1, 0..<4), piece(2, 0..<1), piece(1, 4..<8)], network: 0, cost: "gpu:0")
        return trials
    }

    @Test func oneSlideAtATimeIsTriedOnOneDevice() {
        var trials = trials()
        #expect(trials.slides == [1, 2])
        #expect(trials.turn(of: 1, 8) == trial(1, 0..<8))
        trials.begin(1)
        // Its other lane stands still, and the other devices go on with what is not held.
        #expect(trials.turn(of: 1, 8) == .stand)
        #expect(trials.turn(of: 2, 8) == .free)
        #expect(trials.slides == [1, 2])
        trials.end(1)
        #expect(trials.slides == [2])
        #expect(trials.turn(of: 2, 8) == trial(2, 0..<1))
        trials.begin(2)
        trials.end(2)
        #expect(trials.turn(of: 1, 8) == .free && trials.slides.isEmpty)
    }

    @Test func aDeviceThatComputesSomethingElseEndsThatFirst() {
        var trials = trials()
        [1, 1].forEach { trials.begin($0) }
        trials.end(1)
        #expect(trials.turn(of: 1, 8) == .stand)
        trials.end(1)
        #expect(trials.turn(of: 1, 8) == trial(1, 0..<8))
    }

    @Test func aSmallerBatchTriesAPartAndThenTheRest() {
        var trials = trials()
        #expect(trials.turn(of: 1, 6) == trial(1, 0..<6))
        trials.begin(1)
        trials.putBack(.init(network: 0, piece: piece(1, 0..<6), cost: "gpu:0"))
        trials.end(1)
        #expect(trials.turn(of: 1, 3) == trial(1, 0..<3))
    }

    @Test func aSlideThatIsDroppedIsNotTried() {
        var trials = trials()
        trials.drop(1)
        #expect(trials.turn(of: 1, 8) == trial(2, 0..<1))
    }
}
