import Records
import Testing

@testable import Pipeline

@Suite struct StageReportTests {
    private func report(_ codes: [ErrorCode]) -> StageReport {
        var report = StageReport(stage: .tile)
        report.ok = 2
        report.failures = codes.map { Failure($0, "a", "x") }
        return report
    }

    @Test func theExitStatusIsThatOfTheGravestFailure() {
        #expect(report([]).exitStatus == .ok)
        #expect(report([.slideCorrupt]).exitStatus == .partial)
        #expect(report([.slideCorrupt, .file]).exitStatus == .integrity)
        #expect(report([.file, .slideCorrupt, .bug]).exitStatus == .bug)
        #expect(report([.noSpace, .file]).exitStatus == .integrity)
        #expect(report([.slideOpen, .noSpace, .slideOpen]).exitStatus == .temporary)
        #expect(report([.io, .untrusted, .fingerprint]).exitStatus == .refused)
    }

    @Test func whatIsWrongWithSlidesAloneIsAPartialResult() {
        #expect(report([.workerSignal, .workerTimeout, .nonFinite, .mppMissing]).exitStatus == .partial)
        // A slide that is gone is one slide's trouble, not a wrong command.
        #expect(report([.notFound]).exitStatus == .partial)
        #expect(report([.notFound, .usage]).exitStatus == .usage)
    }

    @Test func aFailedOutcomeWithoutAReasonIsABug() throws {
        var report = StageReport(stage: .tile)
        let fingerprint = Fingerprint(stage: "tile", parameters: [:], inputs: [:])
        report.count(Outcome(unit: try UnitID("a"), stage: .tile, status: .failed, fingerprint: fingerprint))
        #expect(report.failures.map(\.code) == [.bug])
    }

    private func empty(_ id: String, _ reason: String?) throws -> Outcome {
        let fingerprint = Fingerprint(stage: "tile", parameters: [:], inputs: [:])
        var outcome = Outcome(unit: try UnitID(id), stage: .tile, status: .empty, fingerprint: fingerprint)
        outcome.emptyReason = reason
        return outcome
    }

    @Test func theSummaryCountsEverySlideOnce() throws {
        var report = report([.slideOpen])
        report.count(try empty("a", nil))
        report.cached = 3
        #expect(report.summary() == "tile: 4 slides: 2 ok, 1 empty, 1 failed (3 were already done)")
    }

    @Test func emptySlidesAreNamedByTheirReason() throws {
        var report = StageReport(stage: .tile)
        for (id, reason) in [("b", "more than 20 of 255"), ("c", "no region"), ("a", "more than 31 of 255")] {
            report.count(try empty(id, reason))
        }
        #expect(report.emptyText == ["empty, 2 (a, b): more than 31 of 255", "empty, 1 (c): no region"])
    }

    @Test func whatCouldNotBecomeAUnitIsCountedAndCostsTheExitCode() {
        var report = StageReport(stage: .tile)
        report.ok = 2
        report.leftOut = [LeftOutFiles(count: 3, failure: Failure(.unsafeID, nil, "names"))]
        #expect(report.summary() == "tile: 5 slides: 2 ok, 0 empty, 3 failed")
        #expect(report.exitStatus == .partial)
    }
}
