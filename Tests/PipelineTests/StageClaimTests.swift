import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct StageClaimTests {
    private let scratch: Scratch
    private let stage: Stage

    init() throws {
        scratch = try Scratch()
        let settings = WorkSettings(workers: 1, programs: Programs(wsi: "/none", compute: "/none"))
        stage = Stage(name: StageName("paint"), layout: JobLayout(root: scratch.file("job")), settings: settings)
    }

    private func unit(_ id: String, mpp: String = "0.5", slide: String = "aa") throws -> Stage.Unit {
        Stage.Unit(
            id: try UnitID(id),
            fingerprint: Fingerprint(stage: "paint", parameters: ["mpp": mpp], inputs: ["slide": slide])
        )
    }

    /// What another process has made and recorded.
    private func make(_ unit: Stage.Unit) throws {
        let file = stage.layout.root.appending(path: "paintings/\(unit.id.text).txt")
        try AtomicFile.write("\(unit.fingerprint)", to: file)
        var outcome = Outcome(unit: unit.id, stage: stage.name, status: .ok, fingerprint: unit.fingerprint)
        try outcome.record([file], in: stage.layout)
        try CanonicalJSON.write(outcome, to: stage.layout.outcome(stage: stage.name, unit.id))
    }

    private func claim(_ units: [Stage.Unit], by process: ProcessMark = .own(), isAtWork: Bool = true) throws -> Turn {
        let parameters = units.first?.fingerprint.parameters ?? [:]
        let turn = try Turn.take(
            stage.name.text,
            claim: StageClaim(parameters: parameters, units: units),
            by: process,
            in: stage.layout
        )
        if isAtWork { try turn.begin() }
        return turn
    }

    @Test func equalCommandsGoOnBesideEachOther() throws {
        let units = [try unit("a"), try unit("b")]
        let first = try stage.claimed(units) { _ in }
        let second = try stage.claimed(units) { _ in }
        #expect((first.waiting.count, second.waiting.count) == (2, 2))
        #expect((first.turn != nil, second.turn != nil) == (true, true))
    }

    @Test func ofDifferentConfigurationsTheFirstGoesOnAndTheOtherSaysWhy() throws {
        let first = try stage.claimed([unit("a")]) { _ in }
        var redoing = stage
        redoing.settings.redo = true
        for other in [stage, redoing] {
            // Also on other slides: one stage would hold both.
            for units in [[try unit("a", mpp: "1")], [try unit("b", mpp: "1")]] {
                let error = try #require(throws: Failure.self) { try other.claimed(units) { _ in } }
                #expect((error.code, error.code.exitStatus) == (.fingerprint, .integrity))
                #expect(error.message.contains("another configuration is in the way: mpp 0.5, now 1;"))
                #expect(error.message.contains("process \(ProcessInfo.processInfo.processIdentifier) "))
            }
        }
        first.turn?.end()
        #expect(try stage.claimed([unit("b", mpp: "1")]) { _ in }.waiting.count == 1)
    }

    @Test func oneThatMayYetGiveItsTurnBackIsWaitedFor() async throws {
        let undecided = try claim([unit("a", mpp: "1")], isAtWork: false)
        async let plan = stage.claimed([unit("a")]) { _ in }
        undecided.end()
        #expect(try await plan.waiting.count == 1)
    }

    @Test func anotherVersionOfWhatAUnitIsMadeOfIsAnotherClaim() throws {
        let first = try stage.claimed([unit("a"), unit("b")]) { _ in }
        let error = try #require(throws: Failure.self) { try stage.claimed([unit("b", slide: "bb")]) { _ in } }
        #expect(error.message.contains("what b is made of or how is another"))
        #expect(try stage.claimed([unit("c", slide: "bb")]) { _ in }.waiting.count == 1)
        first.turn?.end()
    }

    @Test func aKilledProcessClaimsNothingAndOneOfAnotherHostUntilRedoOrSilence() throws {
        var mark = ProcessMark.own()
        mark.start = "1"
        let killed = try claim([unit("a", mpp: "1")], by: mark)
        #expect(try stage.claimed([unit("a")]) { _ in }.waiting.count == 1)
        mark.host = "another-host"
        let elsewhere = try claim([unit("a", mpp: "1")], by: mark)
        let error = try #require(throws: Failure.self) { try stage.claimed([unit("a")]) { _ in } }
        #expect(error.message.contains("of another-host") && error.message.contains("--redo"))
        var redoing = stage
        redoing.settings.redo = true
        #expect(try redoing.claimed([unit("a")]) { _ in }.waiting.count == 1)
        let file = stage.layout.audit.appending(path: "turns/paint/00000\(elsewhere.number).json")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3600)],
            ofItemAtPath: file.path
        )
        #expect(try stage.claimed([unit("a")]) { _ in }.waiting.count == 1)
        withExtendedLifetime((killed, elsewhere)) {}
    }

    @Test func whatIsDoneNeedsNoTurn() throws {
        try make(unit("a"))
        #expect(try stage.claimed([unit("a")]) { _ in }.turn == nil)
        #expect(try stage.claimed([unit("a")], always: true) { _ in }.turn != nil)
        let left = stage.layout.audit.appending(path: "turns/paint").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: left).isEmpty)
    }

    @Test func aResultThatComesInBetweenIsKeptOrRefused() async throws {
        let units = [try unit("a"), try unit("b")]
        let plan = try stage.claimed(units) { _ in }
        let outcomes = units.map { Outcome(unit: $0.id, stage: stage.name, status: .ok, fingerprint: $0.fingerprint) }
        var failed = outcomes[0]
        failed.status = .failed
        failed.failure = Failure(.workerMemory, "a", "no memory here")
        try make(units[0])
        var ledger = Stage.Ledger(stage, plan)
        try ledger.record(failed) { _ in }
        #expect(try Stage.outcome(of: units[0].id, stage: stage.name, in: stage.layout)?.status == .ok)
        try make(unit("b", mpp: "1"))
        let error = try #require(throws: Failure.self) { try ledger.record(outcomes[1]) { _ in } }
        #expect(error.code == .fingerprint && error.message.contains("mpp 1, now 0.5"))
        #expect(try ledger.end { _ in }.report.ok == 1)
    }

    @Test func whatWasReplacedBeforeTheEndIsSaid() throws {
        let plan = try stage.claimed([unit("a")]) { _ in }
        var ledger = Stage.Ledger(stage, plan)
        try ledger.record(
            Outcome(unit: UnitID("a"), stage: stage.name, status: .ok, fingerprint: unit("a").fingerprint)
        ) { _ in }
        try make(unit("a", mpp: "1"))
        let error = try #require(throws: Failure.self) { try ledger.end { _ in } }
        #expect(error.code == .fingerprint)
    }

    @Test func redoReplacesWhatStoodThereAndNothingThatCameLater() throws {
        try make(unit("a", mpp: "1"))
        var redoing = stage
        redoing.settings.redo = true
        let plan = try redoing.claimed([unit("a")]) { _ in }
        let outcome = Outcome(
            unit: try UnitID("a"),
            stage: stage.name,
            status: .ok,
            fingerprint: try unit("a").fingerprint
        )
        var ledger = Stage.Ledger(redoing, plan)
        try ledger.record(outcome) { _ in }
        try make(unit("a", mpp: "2"))
        var later = Stage.Ledger(redoing, plan)
        #expect(throws: Failure.self) { try later.record(outcome) { _ in } }
    }
}
