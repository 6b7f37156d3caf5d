import Testing

@testable import Pipeline

@Suite struct WorkerSlotsTests {
    @Test func aReaderThatWaitsForItsFeaturesMakesRoomForAnother() {
        var slots = WorkerSlots(2, isAlone: false)
        let first = slots.begin()
        let second = slots.begin()
        #expect(!slots.hasFree)
        slots.hasRead(first)
        #expect(slots.hasFree)
        _ = slots.begin()
        #expect(!slots.hasFree && slots.running == 3)
        slots.end(first)
        #expect(!slots.hasFree && slots.running == 2)
        slots.end(second)
        #expect(slots.hasFree && slots.running == 1)
    }

    @Test func notMoreWaitThanRead() {
        var slots = WorkerSlots(1, isAlone: false)
        slots.hasRead(slots.begin())
        slots.hasRead(slots.begin())
        #expect(!slots.hasFree && slots.running == 2)
    }

    @Test func nothingStandsBesideOneThatIsToBeAlone() {
        var slots = WorkerSlots(1, isAlone: true)
        slots.hasRead(slots.begin())
        #expect(!slots.hasFree)
    }

    /// A second try of a slide says it again.
    @Test func whatIsSaidTwiceCountsOnce() {
        var slots = WorkerSlots(2, isAlone: false)
        let reader = slots.begin()
        slots.hasRead(reader)
        slots.hasRead(reader)
        #expect(slots.running == 1)
        slots.end(reader)
        #expect(slots.running == 0)
    }
}
