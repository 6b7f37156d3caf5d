import Config
import Foundation
import Messages
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// Scripts in the roles of the encoder's process and of reading workers. A worker of a slide whose id begins with `kills` ends
/// the encoder by signal 11, one with `starves` by 9, one with `breaks` as the loss of its last GPU does; all then say that they
/// lost it, as a real one does.
@Suite struct EncoderRoundsTests {
    private let scratch: Scratch
    private let fingerprint = Fingerprint(stage: "features", parameters: [:], inputs: [:])

    init() throws {
        signal(SIGPIPE, SIG_IGN)
        scratch = try Scratch()
    }

    private func job(_ name: String) throws -> WorkerPool.Job {
        let slide = try SlideID(name)
        let outcome = Outcome(unit: UnitID(slide), stage: .features("x"), status: .ok, fingerprint: fingerprint)
        try scratch.add("\(name).answer", frames: Frame(.word, WorkerMessage.outcome(outcome)))
        let patches = scratch.file("patches/\(name)")
        let source = PatchSource(slide: slide, slidePath: "/\(name).svs", patches: patches, job: scratch.folder)
        let task = FeatureTask(source: source, outputs: [], socket: "")
        return WorkerPool.Job(slide: slide, stage: .features("x"), fingerprint: fingerprint, task: .features(task))
    }

    private struct End {
        var outcomes: [String: Outcome]
        var failure: Failure?
        /// Lives of the encoder.
        var starts: Int
        var notes: [String]
    }

    private func run(_ names: [String], workers: Int = 1, patience: Duration = .seconds(60)) async throws -> End {
        let folder = scratch.folder.path
        // One that is broken ends with these words, and one that is killed is nothing but what it waits with.
        let breaks =
            "exec 3<&0; cat <&3 > /dev/null 2>&1 & trap \"kill $!; cat words >&2; exit 75\" USR1; cat ready; wait"
        let waits = names.contains { $0.hasPrefix("breaks") } ? breaks : "cat ready; exec cat > /dev/null"
        let encoder = "cd '\(folder)'; echo x >> starts; echo $$ > process; \(waits)"
        let worker = """
            cd '\(folder)'; read -r head; read -r hello; read -r head; read -r request
            name=$(printf '%s' "$request" | sed 's/.*"slide":"\\([^"]*\\)".*/\\1/')
            case $name in
              kills*) kill -11 "$(cat process)"; cat lost;;
              starves*) kill -9 "$(cat process)"; cat lost;;
              breaks*) kill -USR1 "$(cat process)"; cat lost;;
              cut*) cat lost;;
              waits*) cat read; n=0
                until [ -e begun ]; do n=$((n + 1)); [ $n -lt 500 ] || exit 1; sleep 0.02; done; cat "$name.answer";;
              begins*) touch begun; cat "$name.answer";;
              *) cat "$name.answer";;
            esac
            """
        try scratch.add(
            "words",
            "wsi: error[E_IO] cuda:0: CUDA error: unspecified launch failure; run the same command again\n"
        )
        try scratch.add("ready", frames: Frame(.word, EncodeWord.ready))
        try scratch.add("read", frames: Frame(.word, WorkerMessage.hasRead))
        let lost = WorkerMessage.encoderLost(Failure(.io, nil, "send: Broken pipe"))
        try scratch.add("lost", frames: Frame(.word, lost))
        let programs = Programs(
            wsi: try scratch.program("worker", worker),
            compute: try scratch.program("compute", encoder)
        )
        let server = EncoderServer(
            encoders: [.init(manifest: "/models/x.json", precision: .auto)],
            device: .cpu,
            threads: 1,
            programs: programs,
            patience: patience
        )
        let pool = WorkerPool(settings: WorkSettings(workers: workers, programs: programs))
        let notes = Mutex<[String]>([])
        var rounds = EncoderRounds(try names.map(job), server, pool) { event in
            if case .note(let text) = event { notes.withLock { $0.append(text) } }
        }
        var outcomes: [String: Outcome] = [:]
        var failure: Failure?
        do { try await rounds.run { outcomes[$0.unit.text] = $0 } } catch let error as Failure { failure = error }
        let starts = try String(contentsOf: scratch.file("starts"), encoding: .utf8).count / 2
        return End(outcomes: outcomes, failure: failure, starts: starts, notes: notes.withLock { $0 })
    }

    @Test func withoutADeathOneLifeDoesAll() async throws {
        let end = try await run(["a", "b", "c"], workers: 2)
        #expect((end.outcomes.count, end.starts, end.failure) == (3, 1, nil))
        #expect(end.notes.isEmpty)
    }

    @Test func theNextSlideIsReadWhileOneWaitsForItsFeatures() async throws {
        let end = try await run(["waits", "begins"], workers: 1)
        #expect(end.failure == nil)
        #expect(end.outcomes.values.map(\.status) == [.ok, .ok], "\(end.outcomes)")
    }

    @Test func aSlideThatTheEncoderDiesOfAgainFailsAlone() async throws {
        let end = try await run(["a", "kills", "b", "c"])
        #expect((end.failure, end.starts) == (nil, 3))
        #expect(end.outcomes.count == 4)
        #expect(end.outcomes.filter { $0.value.status == .ok }.keys.sorted() == ["a", "b", "c"])
        let failure = try #require(end.outcomes["kills"]?.failure)
        #expect(failure.code == .workerSignal)
        #expect(failure.message.contains("signal 11 (SIGSEGV)") && failure.message.contains("twice with this slide"))
        #expect(end.notes.count == 1 && end.notes[0].contains("it is started once more, and 1 slide(s) are read again"))
    }

    @Test func aSlideThatCostsTheLastGPUAgainFailsAlone() async throws {
        let end = try await run(["a", "breaks", "b"])
        #expect((end.failure, end.starts) == (nil, 3))
        #expect(end.outcomes.filter { $0.value.status == .ok }.keys.sorted() == ["a", "b"])
        let failure = try #require(end.outcomes["breaks"]?.failure)
        #expect(failure.code == .workerSignal)
        #expect(
            failure.message.contains("unspecified launch failure") && failure.message.contains("twice with this slide")
        )
        // Of a GPU that every slide costs none is to blame.
        let all = try await run(["breaks_1", "breaks_2", "breaks_3"])
        #expect(all.outcomes.isEmpty && all.failure?.code == .io)
    }

    @Test func severalSuchSlidesEachFailAlone() async throws {
        let end = try await run(["kills_1", "a", "kills_2", "b"])
        #expect((end.failure, end.outcomes.count) == (nil, 4))
        #expect(end.outcomes.filter { $0.value.status == .failed }.keys.sorted() == ["kills_1", "kills_2"])
    }

    @Test func anEncoderThatDiesOfEverySlideBlamesNone() async throws {
        let end = try await run(["kills_1", "kills_2", "kills_3"])
        #expect(end.outcomes.isEmpty)
        #expect((end.failure?.code, end.starts) == (.io, 3))
    }

    @Test func wantOfMemoryBlamesNoSlideAndEndsTheWorkTheSecondTime() async throws {
        let end = try await run(["a", "starves", "b"])
        #expect(end.outcomes.keys.sorted() == ["a"])
        #expect(end.starts == 2)
        let failure = try #require(end.failure)
        #expect((failure.code, failure.subject) == (.io, "wsi-compute encode"))
        #expect(
            failure.message.contains("signal 9 (SIGKILL)")
                && failure.message.contains("MB of memory, for the second time")
        )
        #expect(failure.message.hasSuffix("2 slide(s) are left; use a machine with more memory or fewer --workers"))
    }

    @Test func aConnectionThatBreaksWhileTheEncoderLivesIsItsSlidesFailure() async throws {
        let end = try await run(["cut", "a"], patience: .milliseconds(50))
        #expect((end.failure, end.outcomes["a"]?.status) == (nil, .ok))
        #expect(end.outcomes["cut"]?.failure == Failure(.io, nil, "send: Broken pipe"))
    }
}
