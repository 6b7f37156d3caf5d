import Testing

@testable import Pipeline

@Suite struct WorkerSlotsTests {
    @Test func aReaderThatWaitsForItsFeaturesMakesRoomForAnother() {
        var slots = WorkerSlots(2, waiting: 2)
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

    @Test func notMoreWaitThanMayAndTheyAreHeardLater() {
        var slots = WorkerSlots(1, waiting: 1)
        let first = slots.begin()
        slots.hasRead(first)
        let second = slots.begin()
        slots.hasRead(second)
        #expect(!slots.hasFree && slots.running == 2)
        slots.end(first)
        #expect(slots.hasFree && slots.running == 1)
    }

    @Test func nothingStandsBesideOneThatIsToBeAlone() {
        var slots = WorkerSlots(1, waiting: 0)
        slots.hasRead(slots.begin())
        #expect(!slots.hasFree)
    }

    @Test func anotherProcessReadsItAgain() {
        var slots = WorkerSlots(2, waiting: 2)
        let reader = slots.begin()
        _ = slots.begin()
        slots.hasRead(reader)
        #expect(slots.hasFree)
        slots.readsAgain(reader)
        #expect(!slots.hasFree && slots.running == 2)
        slots.hasRead(reader)
        slots.hasRead(reader)
        #expect(slots.hasFree && slots.running == 2)
        slots.end(reader)
        #expect(slots.running == 1)
    }
}
