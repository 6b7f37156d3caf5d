import Dispatch
import Synchronization

/// Work that waits for disks, on a thread that no other task needs: a share that does not answer must not stop the run.
final class BlockingWork: Sendable {
    private let stopped = Mutex(false)

    /// - Throws: `CancellationError` where its task was cancelled; asked between two pieces.
    func checkGoesOn() throws { if stopped.withLock({ $0 }) { throw CancellationError() } }

    static func run<Value: Sendable>(_ body: @escaping @Sendable (BlockingWork) throws -> Value) async throws -> Value {
        let work = BlockingWork()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiting in
                DispatchQueue.global().async { waiting.resume(with: Result { try body(work) }) }
            }
        } onCancel: {
            work.stopped.withLock { $0 = true }
        }
    }
}
