import Foundation
import Records
import Storage
import Synchronization
import Testing

@testable import Files
@testable import Pipeline

@Suite struct ChildStartTests {
    private func start(patience: Duration = .seconds(60)) -> ChildStart {
        ChildStart(program: "wsi-compute", patience: patience, pause: .zero)
    }

    private let full = ChildStart.Refused(failure: Failure(.io, "wsi-compute", "posix_spawn: full"), mayPass: true)

    @Test func whereTheMachineHasNoRoomTheChildIsTriedOnceMore() async throws {
        let tries = Mutex(0)
        let full = full
        let value = try await start().run { started in
            if tries.withLock({
                $0 += 1; return $0
            }) == 1 {
                throw full
            }
            started()
            return 7
        }
        #expect((value, tries.withLock { $0 }) == (7, 2))
    }

    @Test func aSecondRefusalIsTheMachinesFault() async throws {
        let tries = Mutex(0)
        let full = full
        let failure = try await #require(throws: Failure.self) {
            try await start().run { _ in
                tries.withLock { $0 += 1 }
                throw full
            }
        }
        #expect((failure, tries.withLock { $0 }) == (full.failure, 2))
    }

    @Test func whatNoSecondTryCanMendIsSaidAtOnce() async throws {
        let tries = Mutex(0)
        let missing = ChildStart.Refused(failure: Failure(.notFound, "wsi", "not there"), mayPass: false)
        let failure = try await #require(throws: Failure.self) {
            try await start().run { _ in
                tries.withLock { $0 += 1 }
                throw missing
            }
        }
        #expect((failure, tries.withLock { $0 }) == (missing.failure, 1))
    }

    @Test func aStartThatNeverComesIsNotWaitedForForEver() async throws {
        let failure = try await #require(throws: Failure.self) {
            // Takes no notice of being cancelled, as a call that waits for a thread does not.
            try await start(patience: .milliseconds(50)).run { _ in
                await Task { try? await Task.sleep(for: .seconds(600)) }.value
            }
        }
        #expect((failure.code, failure.subject) == (.io, "wsi-compute"))
        #expect(failure.message.hasPrefix("posix_spawn: it did not start within 0 s; "))
    }

    @Test func aChildThatHasStartedMayTakeAsLongAsItLikes() async throws {
        let value = try await start(patience: .milliseconds(20)).run { started in
            started()
            try await Task.sleep(for: .milliseconds(100))
            return 1
        }
        #expect(value == 1)
    }

    @Test func limitsAreNamedWithTheirValues() {
        #expect(MachineLimit.words(of: "pipe2", errno: EIO) == "pipe2: Input/output error")
        let files = MachineLimit.words(of: "pipe2", errno: EMFILE)
        #expect(files.hasPrefix("pipe2: Too many open files; ") && files.contains("or raise the limit"))
        #expect(MachineLimit.words(of: "posix_spawn", errno: EAGAIN).contains("processes and threads"))
    }

    @Test func aFewThreadsCanBeHad() throws { try ThreadRoom.check(ThreadRoom.ofWorker) }
}

@Suite struct ComputeDeathTests {
    private func failure(_ verb: String, _ end: ChildProcess.End, _ text: String = "", _ peak: Int? = nil) -> Failure {
        ComputeDeath(verb: verb, end: ChildProcess.Result(end: end, errorText: text, peakMemory: peak)).failure
    }

    @Test func aKilledProcessIsTheMachinesFaultAndSaysItsMemory() {
        #expect(
            failure("train", .signalled(9), "", 5123 << 20)
                == Failure(
                    .io,
                    "wsi-compute train",
                    "it was ended by signal 9 (SIGKILL), as the system ends processes where memory runs out, when it had had "
                        + "up to 5123 MB of memory; use a machine with more memory, fewer --workers or slides with fewer patches"
                )
        )
    }

    @Test func anAllocationThatFailsIsTold() {
        let died = failure("predict", .signalled(6), "terminate called after throwing an instance of 'std::bad_alloc'")
        #expect(died.code == .io)
        #expect(
            died.message.hasPrefix("it was ended by signal 6 (SIGABRT) because memory ran out; use a machine with more")
        )
    }

    @Test(arguments: [Int32(11), 7, 8, 15]) func otherSignalsAreTriedAgain(signal: Int32) {
        let died = failure("evaluate", .signalled(signal), "", 1 << 20)
        #expect(died.code.exitStatus == .temporary)
        #expect(died.message.hasSuffix("up to 1 MB of memory; run the same command again"))
    }

    @Test func aProgramThatFindsItselfWrongIsABug() {
        #expect(failure("train", .signalled(4)).code == .bug)
    }

    @Test func theProgramsOwnLineCountsWhateverEndedIt() {
        let line = "wsi: error[E_BAG] a: no rows"
        #expect(failure("train", .signalled(11), line) == Failure(.bag, nil, "a: no rows"))
        #expect(failure("train", .exited(3), line) == Failure(.bag, nil, "a: no rows"))
    }

    @Test func aLibraryThatEndsTheProcessIsNoBugOfTheProgram() {
        let died = failure("train", .exited(1), "libgomp: Thread creation failed: Resource temporarily unavailable")
        #expect(died.code == .io)
        #expect(died.message.contains("it exited with 1 after: libgomp: Thread creation failed"))
        #expect(failure("train", .exited(0)).message.contains("it exited with 0 without a word"))
        let loader = "wsi-compute: error while loading shared libraries: libtorch.so: cannot open shared object file"
        #expect(failure("train", .exited(127), loader).code == .notFound)
    }
}
