import Files
import Foundation
import Records
import Storage
import Subprocess
import Synchronization

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Starts a child with a second try where the machine has no room for another process just now, and without waiting for ever:
/// what starts it may queue the work for a thread that could not be had.
struct ChildStart: Sendable {
    /// Why a child was not started.
    struct Refused: Error {
        var failure: Failure
        /// Whether a little later it may go well.
        var mayPass: Bool
    }

    var program: String
    /// Starting a program takes milliseconds, where the disk is asleep a few seconds.
    var patience = Duration.seconds(15)
    var pause = Duration.milliseconds(500)

    /// - Parameter child: runs the child to its end, and calls its argument once it has started.
    /// - Throws: `Failure` where it was not started; what `child` throws.
    func run<Value: Sendable>(
        _ child: @escaping @Sendable (@escaping @Sendable () -> Void) async throws -> Value
    ) async throws -> Value {
        do { return try await once(child) } catch let refused as Refused {
            guard refused.mayPass else { throw refused.failure }
            try await Task.sleep(for: pause)
        }
        do { return try await once(child) } catch let refused as Refused { throw refused.failure }
    }

    private func once<Value: Sendable>(
        _ child: @escaping @Sendable (@escaping @Sendable () -> Void) async throws -> Value
    ) async throws -> Value {
        try Self.checkThreads()
        let call = Call<Value>()
        // No child task: a task that hangs would have to be waited for.
        let work = Task { try await child { call.start() } }
        let watch = Task {
            // In short steps, so that the thread that this runs on stays: another one might not be had.
            var left = patience
            while left > .zero {
                try await Task.sleep(for: min(left, .seconds(2)))
                if call.hasStarted { return }
                left -= .seconds(2)
            }
            call.end(.failure(late))
            work.cancel()
        }
        defer { watch.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiting in
                call.wait(waiting)
                Task { call.end(await work.result) }
            }
        } onCancel: {
            work.cancel()
        }
    }

    private var late: Failure {
        Failure(
            .io,
            program,
            "posix_spawn: it did not start within \(patience.components.seconds) s; see that the user may have more processes "
                + "(ulimit -u) and that the disk of the program answers, and run the same command again"
        )
    }

    /// What starts and watches children makes its three threads the first time, and then never again.
    private static func checkThreads() throws {
        try hasThreads.withLock { known in
            if !known { try ThreadRoom.check(4) }
            known = true
        }
    }

    private static let hasThreads = Mutex(false)
}

extension ChildStart {
    /// One try, which ends with what comes first: the child's end or that of patience.
    private final class Call<Value: Sendable>: Sendable {
        private struct State: Sendable {
            var hasStarted = false
            var waiting: CheckedContinuation<Value, any Error>?
        }

        private let state = Mutex(State())

        var hasStarted: Bool { state.withLock(\.hasStarted) }

        func start() { state.withLock { $0.hasStarted = true } }

        func wait(_ waiting: CheckedContinuation<Value, any Error>) { state.withLock { $0.waiting = waiting } }

        func end(_ result: Result<Value, any Error>) {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(with: result)
        }
    }
}

extension ChildStart.Refused {
    /// What Subprocess says of a child that it did not start.
    init(_ error: SubprocessError, program: String) {
        let code = error.underlyingError?.rawValue
        if error.code == .executableNotFound {
            let text = "the program is not there or may not be run; where it was replaced, run the same command again"
            self.init(failure: Failure(.notFound, program, text), mayPass: false)
        } else {
            let call = error.code == .spawnFailed ? "posix_spawn" : "\(error)"
            let text = code.map { MachineLimit.words(of: call, errno: $0) } ?? call
            self.init(failure: Failure(.io, program, text), mayPass: [EAGAIN, ENOMEM, EMFILE, ENFILE].contains(code))
        }
    }
}
