import Testing

@testable import Evaluation

@Suite struct TimeBinTests {
    private func bins(_ times: [Double], _ asked: Int) throws -> TimeBins {
        try TimeBins.fitted(times: times, events: times.map { _ in true }, asked: asked).get()
    }

    @Test func eachBinHoldsAsManyEvents() throws {
        let found = try TimeBins.fitted(
            times: [1, 2, 3, 4, 5, 6, 7, 8, 100],
            events: [true, true, true, true, true, true, true, true, false],
            asked: 4
        ).get()
        #expect(found.edges == [0, 2.75, 4.5, 6.25] && found.end == 8 && found.shortfall == nil)
        #expect([-1, 0, 2.7, 2.75, 6.25, 100].map(found.bin) == [0, 0, 0, 1, 3, 3])
    }

    @Test func tiesAndFewEventsGiveFewerBins() throws {
        let tied = try bins([1, 1, 1, 1, 2, 3], 4)
        // The lower quartile is the first event: a bin before it would hold none.
        #expect(tied.edges == [0, 1.75] && tied.count == 2)
        #expect(tied.shortfall?.hasPrefix("2 bins of time instead of 4") ?? false)
        #expect(try bins([5], 4).edges == [0] && bins([3, 3, 3], 4).edges == [0])
        let few = try bins([1, 9], 8)
        #expect(few.edges.count == 2 && few.bin(of: 1) == 0 && few.bin(of: 9) == 1)
        #expect(try bins([1, 2, 3], 1).edges == [0])
    }

    @Test func everyBinHoldsAnEvent() throws {
        for asked in 1...12 {
            let times = [0, 0, 1, 1, 1, 2, 5, 5, 8, 8, 8, 13].map(Double.init)
            let found = try bins(times, asked)
            #expect(Set(times.map(found.bin)) == Set(0..<found.count), "\(asked)")
        }
    }

    @Test func withoutEventsThereAreNone() {
        #expect(
            TimeBins.fitted(times: [1, 2], events: [false, false], asked: 4).reason == "the training part has no event"
        )
        #expect(TimeBins.fitted(times: [-1, 2], events: [true, true], asked: 4).value == nil)
    }
}
