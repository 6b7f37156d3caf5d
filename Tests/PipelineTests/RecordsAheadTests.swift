import Records
import Synchronization
import Testing

@testable import Pipeline

@Suite struct RecordsAheadTests {
    private func brief(_ stage: StageName) throws -> OutcomeBrief {
        let fingerprint = Fingerprint(stage: stage.text, parameters: [:], inputs: [:])
        let outcome = Outcome(unit: try UnitID("a"), stage: stage, status: .ok, fingerprint: fingerprint)
        return try OutcomeBrief(outcome, isVersioned: false)
    }

    @Test func stagesAreReadInTheirOrderAndEachIsTakenOnce() throws {
        let stages = [StageName.tile, .features("e"), .features("a")]
        let read = Mutex<[StageName]>([])
        let ahead = RecordsAhead(stages) { stage in
            read.withLock { $0.append(stage) }
            return [try brief(stage)]
        }
        for stage in stages.reversed() {
            #expect(try ahead.take(stage)?.map(\.stage) == [stage])
            #expect(try ahead.take(stage) == nil)
        }
        #expect(read.withLock { $0 } == stages)
        #expect(try ahead.take(.features("other")) == nil)
    }

    @Test func aStageThatCannotBeReadSaysSoToWhoeverAsksForItAlone() throws {
        let ahead = RecordsAhead([.tile, .features("e")]) { stage in
            if stage == .tile { throw Failure(.io, "tile", "no disk") }
            return []
        }
        #expect(throws: Failure.self) { try ahead.take(.tile) }
        #expect(try ahead.take(.features("e"))?.isEmpty == true)
    }
}
