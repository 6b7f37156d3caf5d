import Testing

@testable import Pipeline

@Suite struct DeadlineTests {
    @Test func whatIsDueIsDoneOnceAndTold() async {
        let (moments, source) = AsyncStream.makeStream(of: Void.self)
        let deadline = Deadline(after: .milliseconds(1)) { source.yield() }
        var iterator = moments.makeAsyncIterator()
        await iterator.next()
        #expect(deadline.callOff())
        #expect(deadline.callOff())
    }

    @Test(arguments: [Duration.seconds(3600), .seconds(Int64.max)])
    func whatIsCalledOffBeforeIsNotDone(time: Duration) {
        let deadline = Deadline(after: time) { Issue.record("it was called off") }
        #expect(!deadline.callOff())
    }
}
