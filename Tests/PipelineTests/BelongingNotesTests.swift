import Records
import Testing

@testable import Pipeline

@Suite struct BelongingNotesTests {
    private func outcomes(_ count: Int, flagged: Int) throws -> [Outcome] {
        try (0..<count).map { place in
            let fingerprint = Fingerprint(stage: StageName.Kind.predict.rawValue, parameters: [:], inputs: [:])
            let unit = UnitID(try SlideID("s\(place)"))
            let stage = StageName.predict(TrainingName("m"))
            var outcome = Outcome(unit: unit, stage: stage, status: .ok, fingerprint: fingerprint)
            if place < flagged { outcome.notes = ["looks unlike the training's slides (\(place))"] }
            return outcome
        }
    }

    @Test func slidesOfEarlierRunsAreNamedWithTheirReasons() throws {
        let lines = BelongingNotes().lines(try outcomes(9, flagged: 2))
        #expect(lines.count == 3 && lines[0].hasPrefix("2 of 9 slides") && lines[0].hasSuffix(": s0, s1"))
        #expect(
            lines.dropFirst() == [
                "s0: looks unlike the training's slides (0)", "s1: looks unlike the training's slides (1)",
            ]
        )
    }

    @Test func ofManyTheNamesAloneAreSaidAndOfNoneNothing() throws {
        let lines = BelongingNotes().lines(try outcomes(9, flagged: 6))
        #expect(lines.count == 1 && lines[0].hasPrefix("6 of 9 slides") && lines[0].contains("wsi status"))
        #expect(BelongingNotes().lines(try outcomes(3, flagged: 0)).isEmpty)
    }

    @Test func whatCannotBeComparedIsCountedAmongThoseThatWerePredictedNow() throws {
        var notes = BelongingNotes()
        notes.add(try SlideID("s8"), Belonging(folds: []))
        let lines = notes.lines(try outcomes(9, flagged: 0))
        #expect(lines.count == 1 && lines[0].hasPrefix("1 of 1 slides that were predicted now could not be compared"))
    }
}
