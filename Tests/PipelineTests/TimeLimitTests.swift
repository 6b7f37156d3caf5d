import Foundation
import Messages
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// Stages whose time ends. A script is in the role of the workers: it takes as many tenths of a second as the slide's id says.
@Suite struct TimeLimitTests {
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

    /// - Returns: the slides that ended, in their order, and whether time was short for the others.
    private func run(_ names: [String], _ limit: TimeLimit?) async throws -> (ended: [String], isOver: Bool) {
        let worker = """
            cd '\(scratch.folder.path)'; read -r head; read -r hello; read -r head; read -r request
            name=$(printf '%s' "$request" | sed 's/.*"slide":"\\([^"]*\\)".*/\\1/')
            echo "$name" >> begun
            tenths=${name#*-}; [ "$tenths" = 600 ] && exec sleep 60
            sleep "$((tenths / 10)).$((tenths % 10))"; cat "$name.answer"
            """
        var settings = WorkSettings(
            workers: 1,
            programs: Programs(wsi: try scratch.program("worker", worker), compute: "/none")
        )
        settings.time = limit
        var ended: [String] = []
        do {
            try await WorkerPool(settings: settings).run(try names.map(job), progress: { _ in }) {
                ended.append($0.unit.text)
            }
            return (ended, false)
        } catch is TimeIsUp { return (ended, true) }
    }

    private func begun() throws -> [String] {
        let text = (try? String(contentsOf: scratch.file("begun"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    private func limit(_ left: Double, margin: Double, stopping: Double) -> TimeLimit {
        var limit = TimeLimit(left: .seconds(left))
        (limit.margin, limit.stopping) = (.seconds(margin), .seconds(stopping))
        return limit
    }

    @Test func withTimeEnoughAllIsDone() async throws {
        let (ended, isOver) = try await run(["a-0", "b-0", "c-0"], TimeLimit(left: .seconds(3600)))
        #expect(ended == ["a-0", "b-0", "c-0"] && !isOver)
        #expect(try await run(["a-0"], nil).isOver == false)
    }

    @Test(arguments: [0.0, 10, 59]) func inTheLastMinuteNothingIsBegun(left: Double) async throws {
        let (ended, isOver) = try await run(["a-0"], TimeLimit(left: .seconds(left)))
        #expect(ended.isEmpty && isOver)
        #expect(try begun().isEmpty)
        // What has nothing to do has no need of time.
        #expect(try await run([], TimeLimit(left: .seconds(3600))).isOver == false)
    }

    @Test func whatRunsMayEndAndNoMoreIsBegun() async throws {
        let (ended, isOver) = try await run(["a-20", "b-0", "c-0"], limit(11, margin: 10, stopping: 1))
        #expect(ended == ["a-20"] && isOver)
        #expect(try begun() == ["a-20"])
    }

    /// Another slide like it would not come to its end.
    @Test func thatASlideWasSlowIsRemembered() async throws {
        let (ended, isOver) = try await run(["a-30", "b-0"], limit(8, margin: 1, stopping: 0.5))
        #expect(ended == ["a-30"] && isOver)
    }

    @Test func whatDoesNotEndIsStoppedInTime() async throws {
        let start = ContinuousClock.now
        let (ended, isOver) = try await run(["a-0", "b-600", "c-0"], limit(8, margin: 0.1, stopping: 4))
        #expect(ended == ["a-0"] && isOver)
        #expect(ContinuousClock.now - start < .seconds(8))
        #expect(try begun() == ["a-0", "b-600"])
    }

    @Test func aStageSaysHowMuchIsLeft() async throws {
        let bench = try Workbench()
        let units = try ["a", "b", "c"].map { try bench.unit($0) }
        try await bench.run([units[0]])
        let stage = bench.stage
        let failure = await #expect(throws: Failure.self) {
            _ = try await stage.run(stage.plan(units), progress: { _ in }) { waiting, record in
                let unit = waiting[0]
                try record(Outcome(unit: unit.id, stage: stage.name, status: .ok, fingerprint: unit.fingerprint))
                throw TimeIsUp()
            }
        }
        #expect((failure?.code, failure?.code.exitStatus, failure?.subject) == (.time, .temporary, "paint"))
        #expect(failure?.message == "the time is over with 1 of 3 slides left to do; the same command goes on")
        #expect(try await bench.run(units).worked == ["c"])
    }
}
