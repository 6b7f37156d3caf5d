import Foundation
import Messages
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Config
@testable import Files
@testable import Pipeline

/// `/bin/sh` in the role of a worker: `hello` says its first frame, `say TEXT` a word; `ask` reads the question into `$question`.
private func shell(
    _ script: String,
    question: String = "{}",
    timeout: Duration? = .seconds(60)
) async throws -> (words: [String], result: ChildProcess.Result) {
    let lines = String(decoding: Frame.hello, as: UTF8.self).split(separator: "\n")
    let hello = lines.map { "'\($0)'" }.joined(separator: " ")
    let functions = #"""
        say() { printf 'word     %08x\n%s\n' "$(printf %s "$1" | wc -c)" "$1"; }
        ask() { read -r head; read -r greeting; read -r head; read -r question; }
        """#
    let words = Mutex<[String]>([])
    let child = ChildProcess(
        executable: "/bin/sh",
        arguments: ["-c", "hello() { printf '%s\\n' \(hello); }\n\(functions)\n\(script)"],
        timeout: timeout
    )
    let result = try await child.run(Frame(.question, Data(question.utf8))) { frame in
        words.withLock { $0.append(String(decoding: frame.content, as: UTF8.self)) }
    }
    return (words.withLock { $0 }, result)
}

@Suite struct ChildProcessTests {
    /// As the program does when it starts: a child may end before it has read its request.
    init() { signal(SIGPIPE, SIG_IGN) }

    @Test func theQuestionIsOneFrameAndAnswersComeFrameByFrame() async throws {
        let (words, result) = try await shell(
            #"hello; ask; say "$question"; say '{"second": "ä"}'; say '' ; say last"#,
            question: #"{"a": "\n"}"#
        )
        #expect(words == [#"{"a": "\n"}"#, #"{"second": "ä"}"#, "", "last"])
        #expect(result.end == .exited(0))
        #expect(result.errorText.isEmpty)
    }

    @Test func linesThatALibraryPrintsBreakNoFrame() async throws {
        let script = "echo loading; hello; echo; say one; echo 'word two'; say three; printf end"
        let (words, result) = try await shell(script)
        #expect(words == ["one", "three"])
        #expect(result.end == .exited(0))
    }

    @Test func halfAFrameOfAChildThatDiesIsNotHandedOn() async throws {
        let (words, result) = try await shell(#"hello; say one; printf 'word     000000ff\nhalf'; kill -9 $$"#)
        #expect(words == ["one"])
        #expect(result.end == .signalled(9))
    }

    /// It waits for the end of its stdin, as a child does that has said all.
    @Test(arguments: [#"printf 'word     00000002\nlonger\n'"#, #"printf 'word     ffffffff\n'"#])
    func aChildThatSaysWhatIsNoFrameIsEndedAndItsEndTold(words: String) async throws {
        let (heard, result) = try await shell("hello; say one; \(words); cat > /dev/null; echo late")
        #expect(heard == ["one"])
        #expect(result.end == .exited(0))
        #expect(result.lastWords?.hasPrefix("its answers: a ") == true)
    }

    @Test func aChildOfAnotherBuildIsRefusedInOneLineAndNotWaitedFor() async throws {
        let later = #"printf 'hello    00000020\n{"release":"9.0.0","version":99}\n'; exec cat > /dev/null"#
        // Of before there were frames: it does not understand the question.
        for script in [later, "read -r line; echo 'wsi: error[E_USAGE] the request is no TrainRequest' >&2; exit 2"] {
            let failure = try await #require(throws: Failure.self) { try await shell(script, timeout: nil) }
            #expect((failure.code, failure.subject) == (.usage, "sh"))
            #expect(failure.message.hasPrefix("of another build than this program ("))
            #expect(failure.message.contains("install wsi and wsi-compute from one build"))
        }
    }

    @Test func theExitCodeAndTheLastWordsAreReported() async throws {
        let (words, result) = try await shell("hello; echo one >&2; echo two >&2; exit 7")
        #expect(words.isEmpty)
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
            "i=0; while [ $i -lt 4000 ]; do echo \"line $i of a long complaint about one slide\" >&2; i=$((i+1)); done; hello; say done"
        let (words, result) = try await shell(script)
        #expect(words == ["done"])
        #expect(result.errorText.hasSuffix("line 3999 of a long complaint about one slide"))
        #expect(result.errorText.utf8.count <= 64 << 10)
    }

    @Test func anErrorWithoutLineBreaksIsCutToItsEnd() async throws {
        let (_, result) = try await shell("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo end >&2")
        #expect(result.end == .exited(0))
        #expect(result.errorText.hasSuffix("xxend"))
        #expect(result.errorText.utf8.count <= 64 << 10)
    }

    @Test func noLetterEndsAFrame() async throws {
        let text = "{\"a\": \"b\u{2028}c\u{85}d\"}"
        let (words, _) = try await shell(#"hello; ask; say "$question"; say "1\#n2""#, question: text)
        #expect(words == [text, "1\n2"])
    }

    @Test func aLargeQuestionArrivesWhole() async throws {
        let question = String(repeating: "a", count: 1_000_000)
        let (words, result) = try await shell(#"hello; say "$(head -n 4 | wc -c)""#, question: question)
        let count = Frame.hello.count + Frame.Head.length + 1_000_001
        #expect(words.map { $0.trimmingCharacters(in: .whitespaces) } == ["\(count)"])
        #expect(result.end == .exited(0))
    }

    @Test func aChildThatDoesNotReadItsRequestIsReportedByItsOwnEnd() async throws {
        let result = try await shell("exit 5", question: String(repeating: "a", count: 1_000_000)).result
        #expect(result.end == .exited(5))
    }

    @Test func aLongAnswerIsOneFrame() async throws {
        let (words, _) = try await shell(
            #"hello; ask; say "$question$question""#,
            question: String(repeating: "b", count: 300_000)
        )
        #expect(words.map(\.count) == [600_000])
    }

    @Test func aMissingProgramIsAnError() async throws {
        let child = ChildProcess(executable: "/no/such/program", arguments: [], timeout: nil)
        let failure = try await #require(throws: Failure.self) {
            try await child.run(Frame(.question, Data())) { _ in }
        }
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

    @Test func aWorkersLastWordIsTheOutcome() async throws {
        let scratch = try Scratch()
        let said = Outcome(unit: try UnitID("a"), stage: .tile, status: .empty, fingerprint: fingerprint)
        try scratch.add("answer", frames: Frame(.word, WorkerMessage.outcome(said)))
        #expect(try await run(scratch, "cat \(scratch.file("answer").path)") == said)
    }

    @Test func aCrashHasASecondTry() async throws {
        let scratch = try Scratch()
        let said = Outcome(unit: try UnitID("a"), stage: .tile, status: .ok, fingerprint: fingerprint)
        try scratch.add("answer", frames: Frame(.word, WorkerMessage.outcome(said)))
        let folder = scratch.folder.path
        let script = "cd \(folder); echo x >> tries; [ $(wc -l < tries) -ge 2 ] || kill -11 $$; cat answer"
        #expect(try await run(scratch, script) == said)
    }

    @Test func whatACrashedTryHadDoneIsNotCounted() async throws {
        let scratch = try Scratch()
        let said = Outcome(unit: try UnitID("a"), stage: .tile, status: .ok, fingerprint: fingerprint)
        try scratch.add("answer", frames: Frame(.word, WorkerMessage.outcome(said)))
        try scratch.add("patches", frames: Frame(.word, WorkerMessage.patches(8)))
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
