import Records

/// For work that may never end, whatever is done to end it.
enum Patience {
    /// What the work gives, or nil where it has not ended within the time: nobody waits for it any more then.
    ///
    /// A process that waits inside a driver cannot even be killed, and one that waits for its end would wait for ever.
    static func value<Value: Sendable>(
        within time: Duration,
        of work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        let task = Task { try await work() }
        let (ends, end) = AsyncStream.makeStream(of: Result<Value, any Error>?.self)
        Task { end.yield(await task.result) }
        let deadline = Deadline(after: time) { end.yield(nil) }
        defer { deadline.callOff() }
        return try await withTaskCancellationHandler {
            for await first in ends { return try first?.get() }
            // Called off from outside: the work hears of it too, and ends as it can.
            return try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
