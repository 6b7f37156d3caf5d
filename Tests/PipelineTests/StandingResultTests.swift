import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// What a failure that says nothing of a slide leaves of the result that stands.
@Suite struct StandingResultTests {
    private let scratch: Scratch
    private var layout: JobLayout { JobLayout(root: scratch["job"]) }

    init() throws { scratch = try Scratch() }

    private func unit(_ setting: String, of input: String = "one") throws -> Stage.Unit {
        let fingerprint = Fingerprint(stage: "tile", parameters: ["mpp": setting], inputs: ["slide": input])
        return Stage.Unit(id: try UnitID("a"), fingerprint: fingerprint)
    }

    private func stage() -> Stage {
        let settings = WorkSettings(workers: 1, redo: true, programs: Programs(wsi: "/none", compute: "/none"))
        return Stage(name: .tile, layout: layout, settings: settings)
    }

    /// A result of another version of the slide, and what the same stage then comes to with `--redo`.
    private func redo(
        failingWith code: ErrorCode,
        damaged: Bool = false,
        setting: String = "1"
    ) async throws -> (Outcome?, StageReport) {
        let picture = layout.thumbnails.appending(path: "a.jpg")
        try AtomicFile.write("picture", to: picture)
        var standing = Outcome(unit: try UnitID("a"), stage: .tile, status: .ok, fingerprint: try unit("1").fingerprint)
        try standing.record([picture], in: layout)
        try standing.write(to: layout.outcome(stage: .tile, standing.unit))
        if damaged { try AtomicFile.write("other bytes", to: picture) }
        let plan = try stage().plan([unit(setting, of: "two")])
        let result = try await stage().run(plan, progress: { _ in }) { waiting, record in
            for unit in waiting {
                let failure = Failure(code, "a", "no")
                let outcome = Outcome(
                    unit: unit.id,
                    stage: .tile,
                    status: .failed,
                    failure: failure,
                    fingerprint: unit.fingerprint
                )
                try record(outcome)
            }
        }
        return (try Stage.outcome(of: UnitID("a"), stage: .tile, in: layout), result.report)
    }

    @Test(arguments: [ErrorCode.copy, .notFound, .access, .io, .noSpace, .limit, .workerTimeout, .workerMemory])
    func aSlideThatTheMachineDoesNotGiveKeepsItsResult(code: ErrorCode) async throws {
        let (outcome, report) = try await redo(failingWith: code)
        #expect(outcome?.status == .ok)
        #expect(outcome?.fingerprint.parameters["mpp"] == "1")
        #expect(report.failures.map(\.code) == [code] && report.ok == 0)
        #expect(report.exitStatus != .ok)
        #expect(report.exitStatus == ([.io, .noSpace, .limit].contains(code) ? code.exitStatus : .partial))
    }

    @Test(arguments: [ErrorCode.slideCorrupt, .slideOpen, .mismatch])
    func aSlideThatIsAtFaultLosesIt(code: ErrorCode) async throws {
        let (outcome, report) = try await redo(failingWith: code)
        #expect(outcome?.status == .failed && outcome?.failure?.code == code && report.failed == 1)
    }

    /// Later stages take what is on record: it must not be of another scale than the rest.
    @Test func aResultOfOtherSettingsDoesNotStand() async throws {
        let (outcome, report) = try await redo(failingWith: .copy, setting: "2")
        #expect(outcome?.status == .failed && outcome?.failure?.code == .copy && report.failed == 1)
    }

    @Test func aResultThatIsDamagedDoesNotStand() async throws {
        #expect(try await redo(failingWith: .copy, damaged: true).0?.status == .failed)
    }
}
