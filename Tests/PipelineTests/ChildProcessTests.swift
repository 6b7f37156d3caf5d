import Foundation
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Config
@testable import Files
@testable import Pipeline

/// `/bin/sh` in the role of a worker.
private func shell(
    _ script: String,
    request: String = "{}",
    timeout: Duration? = .seconds(60)
) async throws -> (lines: [String], result: ChildProcess.Result) {
    let lines = Mutex<[String]>([])
    let child = ChildProcess(executable: "/bin/sh", arguments: ["-c", script], timeout: timeout)
    let result = try await child.run(request: Data(request.utf8)) { line in lines.withLock { $0.append(line) } }
    return (lines.withLock { $0 }, result)
}

@Suite struct ChildProcessTests {
    /// As the program does when it starts: a child may end before it has read its request.
    init() { signal(SIGPIPE, SIG_IGN) }

    @Test func theRequestIsOneLineAndAnswersComeLineByLine() async throws {
        let (lines, result) = try await shell(
            #"read -r line; printf '%s\n' "$line" '{"second": "ä"}'; printf last"#,
            request: #"{"a": "\n"}"#
        )
        #expect(lines == [#"{"a": "\n"}"#, #"{"second": "ä"}"#, "last"])
        #expect(result.end == .exited(0))
        #expect(result.errorText.isEmpty)
    }

    @Test func theExitCodeAndTheLastWordsAreReported() async throws {
        let (lines, result) = try await shell("echo one >&2; echo two >&2; exit 7")
        #expect(lines.isEmpty)
        #expect(result.end == .exited(7))
        #expect(result.errorText.hasSuffix("two"))
        #expect(result.errorText.split(separator: "\n").map(String.init) == ["one", "two"])
    }

    @Test func aSignalIsToldFromAnExit() async throws {
        #expect(try await shell("kill -9 $$").result.end == .signalled(9))
    }

    /// How much it was, `LostProcessTests` sees: here the system counts this process's own memory with it.
    @Test func theMemoryThatAChildHadIsKnownHoweverItEnded() async throws {
        for end in ["exit 0", "kill -9 $$"] {
            let memory = try #require(try await shell(end).result.peakMemory)
            #expect(memory > 100 << 10)
        }
    }

    /// `cat` ends with its standard input; only the timeout ends it here.
    @Test func standardInputStaysOpenAndAChildThatTakesTooLongIsKilled() async throws {
        #expect(try await shell("exec cat", timeout: .milliseconds(300)).result.end == .timedOut)
    }

    @Test func aFloodOnStandardErrorNeitherBlocksNorFillsMemory() async throws {
        let script =
            "i=0; while [ $i -lt 4000 ]; do echo \"line $i of a long complaint about one slide\" >&2; i=$((i+1)); done; echo done"
        let (lines, result) = try await shell(script)
        #expect(lines == ["done"])
        #expect(result.errorText.hasSuffix("line 3999 of a long complaint about one slide"))
        #expect(result.errorText.utf8.count <= 64 << 10)
    }

    @Test func anErrorWithoutLineBreaksIsCutToItsEnd() async throws {
        let (_, result) = try await shell("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo end >&2")
        #expect(result.end == .exited(0))
        #expect(result.errorText.hasSuffix("xxend"))
        #expect(result.errorText.utf8.count <= 64 << 10)
    }

    @Test func onlyALineFeedEndsALine() async throws {
        let (lines, _) = try await shell(
            #"read -r line; printf "%s\n" "$line""#,
            request: "{\"a\": \"b\u{2028}c\u{85}d\"}"
        )
        #expect(lines == ["{\"a\": \"b\u{2028}c\u{85}d\"}"])
    }

    @Test func aLargeRequestArrivesWhole() async throws {
        let request = String(repeating: "a", count: 1_000_000)
        let (lines, result) = try await shell("head -n 1 | wc -c", request: request)
        #expect(lines.map { $0.trimmingCharacters(in: .whitespaces) } == ["1000001"])
        #expect(result.end == .exited(0))
    }

    @Test func aChildThatDoesNotReadItsRequestIsReportedByItsOwnEnd() async throws {
        let result = try await shell("exit 5", request: String(repeating: "a", count: 1_000_000)).result
        #expect(result.end == .exited(5))
    }

    @Test func aLongAnswerIsOneLine() async throws {
        let (lines, _) = try await shell(
            #"read -r line; echo "$line$line""#,
            request: String(repeating: "b", count: 300_000)
        )
        #expect(lines.map(\.count) == [600_000])
    }

    @Test func aMissingProgramIsAnError() async throws {
        let child = ChildProcess(executable: "/no/such/program", arguments: [], timeout: nil)
        let failure = try await #require(throws: Failure.self) { try await child.run(request: Data()) { _ in } }
        #expect((failure.code, failure.subject) == (.notFound, "/no/such/program"))
    }
}

@Suite struct ErrorLineTests {
    @Test func aProgramsErrorLineBecomesItsFailure() {
        #expect(
            Failure(errorLine: "wsi: error[E_DIGEST] a.pt: SHA-256 is x; get the right file")
                == Failure(.digest, nil, "a.pt: SHA-256 is x; get the right file")
        )
        #expect(Failure(errorLine: "error[E_BAG] no rows") == Failure(.bag, nil, "no rows"))
    }

    @Test(arguments: [
        "", "Segmentation fault", "wsi: error[E_NO_SUCH_CODE] x", "error[E_BAG]", "note: error[E_BAG] x",
        "error[e_bag] x",
    ])
    func otherTextIsNoErrorLine(line: String) {
        #expect(Failure(errorLine: line) == nil)
    }

    @Test func whatAFailurePrintsIsReadBackAsTheSamePrint() throws {
        let failure = Failure(.mppMissing, "slide 1", "no µm per pixel; give --slide-mpp")
        #expect(try #require(Failure(errorLine: "wsi: \(failure)")).description == failure.description)
    }
}

@Suite struct WorkerPoolTests {
    private let fingerprint = Fingerprint(stage: "tile", parameters: [:], inputs: [:])

    /// As the program does when it starts: a child may end before it has read its request.
    init() { signal(SIGPIPE, SIG_IGN) }

    private func run(
        _ scratch: Scratch,
        _ script: String,
        timeout: Duration = .seconds(60),
        progress: @escaping ProgressSink = { _ in }
    ) async throws -> Outcome {
        let slide = try SlideID("a")
        let program = try scratch.program("worker", script)
        let settings = WorkSettings(
            workers: 1,
            slideTimeout: timeout,
            programs: Programs(wsi: program, compute: "/none")
        )
        let entry = SlideEntry(id: slide, path: "/a.svs")
        let task = TileTask(entry: entry, tiling: TilingConfig(), job: scratch.folder, fingerprint: fingerprint)
        let job = WorkerPool.Job(slide: slide, stage: .tile, fingerprint: fingerprint, task: .tile(task))
        var outcomes: [Outcome] = []
        try await WorkerPool(settings: settings).run([job], progress: progress) { outcomes.append($0) }
        return try #require(outcomes.first)
    }

    private func message(_ outcome: Outcome) throws -> String {
        String(decoding: try CanonicalJSON.line(WorkerMessage.outcome(outcome)), as: UTF8.self)
    }

    @Test func aWorkersLastWordIsTheOutcome() async throws {
        let scratch = try Scratch()
        let said = Outcome(unit: try UnitID("a"), stage: .tile, status: .empty, fingerprint: fingerprint)
        try scratch.add("answer", try message(said) + "\n")
        #expect(try await run(scratch, "read -r line; cat \(scratch.file("answer").path)") == said)
    }

    @Test func aCrashHasASecondTry() async throws {
        let scratch = try Scratch()
        let said = Outcome(unit: try UnitID("a"), stage: .tile, status: .ok, fingerprint: fingerprint)
        try scratch.add("answer", try message(said) + "\n")
        let folder = scratch.folder.path
        let script = "cd \(folder); echo x >> tries; [ $(wc -l < tries) -ge 2 ] || kill -11 $$; cat answer"
        #expect(try await run(scratch, script) == said)
    }

    @Test func whatACrashedTryHadDoneIsNotCounted() async throws {
        let scratch = try Scratch()
        let said = Outcome(unit: try UnitID("a"), stage: .tile, status: .ok, fingerprint: fingerprint)
        let patches = String(decoding: try CanonicalJSON.line(WorkerMessage.patches(8)), as: UTF8.self)
        try scratch.add("answer", try message(said) + "\n")
        try scratch.add("patches", patches + "\n")
        let script =
            "cd \(scratch.folder.path); echo x >> tries; cat patches; [ $(wc -l < tries) -ge 2 ] || kill -11 $$; cat answer"
        let counts = Mutex<[Int]>([])
        let lost = Mutex(0)
        let started = Mutex(0)
        _ = try await run(scratch, script) { event in
            switch event {
            case .advanced(let amount, _): counts.withLock { $0.append(amount) }
            case .spent(let times, _):
                if times.seconds[.lost] != nil { lost.withLock { $0 += 1 } }
                if times.seconds[.start] != nil { started.withLock { $0 += 1 } }
            default: break
            }
        }
        #expect(counts.withLock { $0 } == [8, -8, 8])
        #expect((lost.withLock { $0 }, started.withLock { $0 }) == (1, 1))
    }

    @Test func aSlideThatKillsItsProcessTwiceFailsAlone() async throws {
        let scratch = try Scratch()
        let outcome = try await run(scratch, "echo x >> \(scratch.file("tries").path); kill -11 $$")
        #expect((outcome.status, outcome.failure?.code) == (.failed, .workerSignal))
        #expect(outcome.failure?.message.contains("signal 11") == true)
        #expect(try String(contentsOf: scratch.file("tries"), encoding: .utf8) == "x\nx\n")
    }

    @Test func aWorkerThatNeverEndsIsATimeout() async throws {
        let outcome = try await run(Scratch(), "exec cat", timeout: .milliseconds(200))
        #expect(outcome.failure?.code == .workerTimeout)
    }

    @Test func aWorkerThatTheMachineRefusesStopsTheWorkAndBlamesNoSlide() async throws {
        let failure = try await #require(throws: Failure.self) {
            try await run(Scratch(), "echo 'wsi: error[E_IO] pthread_create: full; raise the limit' >&2; exit 75")
        }
        #expect(failure == Failure(.io, nil, "pthread_create: full; raise the limit"))
    }

    @Test func aWorkerThatEndsWithoutAWordIsABug() async throws {
        let notes = Mutex<[String]>([])
        let outcome = try await run(Scratch(), "echo 'wsi: oops at /home/x' >&2; exit 1") { event in
            if case .note(let text) = event { notes.withLock { $0.append(text) } }
        }
        #expect(outcome.failure == Failure(.bug, "a", "the reading process exited with 1"))
        #expect(notes.withLock { $0.contains { $0.contains("oops at /home/x") } }, "a person is told what it said")
    }
}

@Suite struct WorkerOutcomeTests {
    private let fingerprint = Fingerprint(stage: "tile", parameters: [:], inputs: [:])

    @Test func anErrorInTheDataIsTheSlidesOutcomeWithoutAPath() throws {
        let outcome = try Outcome.of(SlideID("a"), stage: .tile, fingerprint: fingerprint) { outcome in
            outcome.outputs = ["half": "done"]
            throw StorageError.malformed(path: "/home/x/a.h5", reason: "/home/x/a.h5 is no HDF5 file")
        }
        #expect(outcome.status == .failed)
        #expect(outcome.failure == Failure(.file, "a", "a is no HDF5 file"))
        #expect(outcome.outputs.isEmpty)
    }

    @Test func aBugIsThrown() {
        #expect(throws: Failure.self) {
            try Outcome.of(SlideID("a"), stage: .tile, fingerprint: fingerprint) { _ in throw Failure(.bug, nil, "x") }
        }
    }
}
