import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct JobStatusTests {
    private let scratch: Scratch
    private let layout: JobLayout

    init() throws {
        scratch = try Scratch()
        layout = JobLayout(root: scratch.file("job"))
    }

    @discardableResult
    private func record(
        _ stage: String,
        _ id: String,
        _ status: Outcome.Status = .ok,
        code: ErrorCode? = nil,
        inputs: [String: String] = [:]
    ) throws -> Outcome {
        let output = layout.root.appending(path: "files/\(stage)/\(id)")
        var outcome = Outcome(
            unit: try UnitID(id),
            stage: StageName(stage),
            status: status,
            failure: code.map { Failure($0, id, "reason of \(id)") },
            fingerprint: Fingerprint(
                stage: stage.prefix { $0 != "_" }.description,
                parameters: [:],
                inputs: inputs
            )
        )
        if code == nil {
            try AtomicFile.write("content of \(id)", to: output)
            try outcome.record([output], in: layout)
        }
        try CanonicalJSON.write(outcome, to: layout.outcome(stage: StageName(stage), outcome.unit))
        return outcome
    }

    private func stage(_ name: String) throws -> JobStatus.Stage {
        try #require(try JobStatus(of: layout).stages.first { $0.name == name })
    }

    @Test func aRecordOfARunThatCannotBeReadIsLeftOutWithAWord() throws {
        try record("tile", "a")
        #expect(try JobStatus(of: layout).leftOut == nil)
        try AtomicFile.write("{", to: layout.audit.appending(path: "runs/x.json"))
        let status = try JobStatus(of: layout)
        #expect(status.leftOut == "1 record(s) of runs in audit/runs cannot be read and are left out: x.json")
        #expect(status.stages.map(\.name) == ["tile"])
    }

    @Test func aDamagedOutcomeIsNamedWithWhatMakesItAgain() throws {
        try record("tile", "a")
        let file = layout.outcome(stage: .tile, try UnitID("a"))
        for text in ["{", #"{"unit": "../x"}"#, "", "\u{FF}"] {
            try AtomicFile.write(text, to: file)
            let error = try #require(throws: StorageError.self) { try JobStatus(of: layout) }
            #expect(error.code.exitStatus == .integrity && error.subject == file.path)
            #expect(error.message.hasSuffix("; remove it and run \(layout.command(of: .tile))"))
        }
    }

    @Test(arguments: [0, 1e300, -1e300, .infinity, .nan] as [Double]) func numbersOfAnyKindAreShown(seconds: Double) {
        var throughput = Throughput()
        (throughput.patches, throughput.seconds) = (Int.max, seconds)
        #expect(throughput.text(of: "slide").contains("patches in"))
        #expect(!Throughput.clock(seconds).isEmpty)
    }

    @Test func stagesAreCountedInTheirOrderWithTheReasonsOfFailures() throws {
        try record("heatmap_m", "a", .failed, code: .slideCorrupt)
        try record("train_m", "fold_0")
        for id in ["a", "b"] { try record("tile", id) }
        try record("tile", "c", .empty)
        try record("tile", "d", .failed, code: .workerTimeout)
        for id in ["e", "f"] { try record("tile", id, .failed, code: .mppMissing) }
        #expect(try JobStatus(of: layout).stages.map(\.name) == ["tile", "train_m", "heatmap_m"])
        let tile = try stage("tile")
        #expect((tile.ok, tile.empty, tile.failed, tile.stale.count) == (2, 1, 3, 0))
        #expect(tile.reasons.map(\.code) == [.mppMissing, .workerTimeout])
        #expect(tile.reasons.first?.slides.map(\.text) == ["e", "f"])
        #expect(tile.reasons.first?.message == "reason of e")
        #expect((tile.activity, tile.lastRun) == (.idle, nil))
    }

    @Test func aResultIsStaleWhereItsFileIsGoneOrItsUpstreamIsAnother() throws {
        let tiled = try record("tile", "a")
        try record("tile", "b")
        try record("features_x", "a", inputs: ["patches": tiled.version()])
        try record("features_x", "b", inputs: ["patches": "of an earlier tiling"])
        #expect(try stage("features_x").stale.map(\.text) == ["b"])
        try FileManager.default.removeItem(at: layout.root.appending(path: "files/features_x/a"))
        #expect(try stage("features_x").stale.map(\.text) == ["a", "b"])
        #expect(try stage("tile").stale.isEmpty)
    }

    @Test func whatIsToBeKnownOfResultsThatStandIsSaidOnceForAllOfThem() throws {
        for (id, level) in [("a", 1), ("b", 2), ("c", 0)] {
            var outcome = try record("tile", id)
            outcome.notes = level == 0 ? nil : ["level \(level) is ignored"]
            try CanonicalJSON.write(outcome, to: layout.outcome(stage: .tile, outcome.unit))
        }
        var predicted = try record("predict_m", "a")
        predicted.accepted = [Mismatch(member: .scale, first: "1.0", second: "0.5")]
        try CanonicalJSON.write(predicted, to: layout.outcome(stage: StageName("predict_m"), predicted.unit))
        let ids = try ["a", "b"].map { try SlideID($0) }
        #expect(try stage("tile").notes == [JobStatus.Note(slides: ids, message: "level 1 is ignored")])
        let note = "made with --allow-scale-mismatch: µm per pixel 1.0, trained at 0.5"
        #expect(try stage("predict_m").notes == [JobStatus.Note(slides: [ids[0]], message: note)])
    }

    @Test func aJobOfSeveralOpenSlidesIsNamedAndOutcomesThatDoNotTellCountForNothing() throws {
        func tell(_ stage: String, _ id: String, _ version: String?) throws {
            var outcome = try record(stage, id)
            outcome[.openSlide] = version
            try outcome.write(to: layout.outcome(stage: StageName(stage), outcome.unit))
        }
        try tell("tile", "a", nil)
        for id in ["b", "c"] { try tell("tile", id, "4.0.1") }
        #expect(try JobStatus(of: layout).openSlides == nil)
        for stage in ["features_x", "heatmap_m"] { try tell(stage, "c", "3.4.1") }
        let line = try #require(try JobStatus(of: layout).openSlides)
        #expect(line.hasPrefix("slides were read with OpenSlide 3.4.1 (1 slide(s)) and 4.0.1 (2 slide(s)), which"))
    }

    @Test func aHeatmapFollowsFromAnyPrediction() throws {
        let predicted = try record("predict_m/seed_0", "a")
        try record("heatmap_m-percentile", "a", inputs: ["prediction": predicted.version()])
        try record("heatmap_m", "a", inputs: ["prediction": "older"])
        #expect(try stage("heatmap_m-percentile").stale.isEmpty)
        #expect(try stage("heatmap_m").stale.map(\.text) == ["a"])
        #expect(try stage("predict_m/seed_0").ok == 1)
    }

    @Test func aHeatmapOfSeveralSeedsFollowsFromAllOfThem() throws {
        let versions = try [2, 10].map { try record("predict_m/seed_\($0)", "a").version() }
        try record("heatmap_m", "a", inputs: ["prediction": CanonicalJSON.fingerprint(versions)])
        #expect(try stage("heatmap_m").stale.isEmpty)
        try record("predict_m/seed_10", "a", inputs: ["features": "others"])
        #expect(try stage("heatmap_m").stale.map(\.text) == ["a"])
    }

    @Test func slidesWithPatchesAndWithoutAnOutcomeWait() throws {
        for id in ["a", "b", "c"] { try record("tile", id) }
        try record("tile", "d", .failed, code: .slideOpen)
        try record("features_x", "a", .failed, code: .slideCorrupt)
        #expect(try stage("features_x").waiting == 2)
        #expect(try stage("tile").waiting == 0)
    }

    @Test(arguments: [("2026-01-01T00:00:00Z", 4), ("2999-01-01T00:00:00Z", 6)])
    func foldsThatAnInterruptedRunDidNotComeToWait(began: String, waiting: Int) throws {
        for fold in 0..<2 { try record("train_m", "fold_\(fold)") }
        let stages = [StageName("train_m")]
        let run = RunRecord(stages: stages, process: .own(), began: began, workers: 1, units: 6)
        try CanonicalJSON.write(run, to: RunRecord.folder(layout).appending(path: "1.json"))
        #expect(try stage("train_m").waiting == waiting)
    }

    @Test(arguments: [
        ("", true, JobStatus.Activity.interrupted), ("", false, .elsewhere), ("2026-01-01T00:00:01Z", true, .idle),
    ])
    func aRunThatHasNotEndedIsToldByItsProcess(ended: String, isHere: Bool, activity: JobStatus.Activity) throws {
        var mark = ProcessMark.own()
        mark.start = "gone"
        if !isHere { mark.host = "another-host" }
        let record = RunRecord(
            stages: [StageName("features_x")],
            process: mark,
            began: "2026-01-01T00:00:00Z",
            ended: ended.isEmpty ? nil : ended,
            workers: 2,
            units: 3
        )
        try CanonicalJSON.write(record, to: RunRecord.folder(layout).appending(path: "1.json"))
        #expect(try stage("features_x").activity == activity)
        #expect(try stage("features_x").lastRun?.units == 3)
    }

    @Test func aRunningStageIsSeenBeforeItsFirstOutcome() throws {
        let settings = WorkSettings(workers: 1, programs: Programs(wsi: "/none", compute: "/none"))
        let audit = RunAudit(stages: [.tile], layout: layout, settings: settings)
        audit.listening { _ in }(.began(stage: "tile", units: 9, done: 0))
        let activity = try stage("tile").activity
        withExtendedLifetime(audit) { #expect(activity == .running) }
    }
}
