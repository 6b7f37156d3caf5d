import Foundation
import Records
import Storage
import Testing

@testable import Pipeline

@Suite struct ReportVerdictsTests {
    private let scratch: Scratch
    private let layout: JobLayout
    private let slide: SlideID

    init() throws {
        (scratch, slide) = (try Scratch(), try SlideID("S1"))
        layout = JobLayout(root: scratch.file("job"))
    }

    /// - Parameter lines: of each the members beside the slide, `|` for a quotation mark.
    private func words(
        _ lines: [String],
        of models: [String] = ["m"],
        digest: String? = nil
    ) throws -> [ReportVerdicts.Word] {
        let text = lines.map { #"{"slide": "S1", \#($0.replacing("|", with: "\""))}"# }.joined(separator: "\n")
        try AtomicFile.write(text + "\n", to: layout.decisions.appending(path: "S1.jsonl"))
        let files = models.map { layout.predictions.appending(path: "\($0)/S1.h5") }
        return try ReportVerdicts(of: slide, predictions: files, digest: digest, in: layout).words
    }

    private func line(_ reader: String, _ verdict: String, _ more: String = "") -> String {
        "|reviewer|: |\(reader)|, |time|: |2026-11-20T08:00:00Z|, |verdict|: |\(verdict)|\(more)"
    }

    @Test func eachReadersLastWordStandsInTheOrderOfSaying() throws {
        let words = try words([
            line("Ann", "unsure", ", |text|: |first|, |marks|: []"),
            line("Bob", "disagree", ", |class|: |normal|, |text|: |small|, |marks|: [{|x|: 1, |y|: 2}]"),
            line("Ann", "agree", ", |text|: ||, |marks|: []"),
        ])
        #expect(words.map(\.reader) == ["Bob", "Ann"])
        #expect(words.map(\.verdict) == ["disagrees: normal", "agrees"])
        #expect(words.map(\.remark) == ["small", ""] && words.map(\.notes) == [["1 mark"], []])
        #expect(words.allSatisfy { $0.date == "2026-11-20" })
    }

    @Test func anAdjudicationStandsBesideTheOpinionOfItsReader() throws {
        let words = try words([
            line("Ann", "disagree"), line("Ann", "agree", ", |kind|: |adjudication|, |class|: |tumor|"),
            line("Bob", "read", ", |class|: |tumor|, |blinded|: true, |kind|: |opinion|"),
        ])
        #expect(words.map(\.reader) == ["Ann", "Ann (adjudication)", "Bob"])
        #expect(words.map(\.verdict) == ["disagrees", "agrees: tumor", "tumor"])
        #expect(words.last?.notes == ["without sight of the result"])
    }

    @Test func aWordForAnotherModelOrAnOlderResultSaysSo() throws {
        let lines = [
            line("Ann", "agree", ", |model|: |m|, |digest|: |d1|"), line("Ann", "disagree", ", |model|: |other|"),
            line("Bob", "disagree", ", |model|: |other|"), line("Cem", "agree", ", |model|: |m|, |digest|: |d2|"),
        ]
        #expect(try words(lines).map(\.notes) == [[], ["given for the model other"], []])
        let dated = try words(lines, digest: "d2")
        #expect(
            dated.map(\.reader) == ["Ann", "Bob", "Cem"] && dated.map(\.verdict) == ["agrees", "disagrees", "agrees"]
        )
        #expect(dated.map(\.notes) == [["given for an older result"], ["given for the model other"], []])
    }

    @Test func seedsTogetherAreTheirTrainingsResult() throws {
        let lines = [line("Ann", "agree", ", |model|: |m/seed_2|"), line("Bob", "agree", ", |model|: |m|")]
        #expect(try words(lines, of: ["m/seed_1", "m/seed_2"]).allSatisfy { $0.notes.isEmpty })
        #expect(try words(lines, of: ["m/seed_1"]).map(\.notes.isEmpty) == [false, false])
    }

    @Test func whereNothingWasSaidThereIsNeitherWordNorDigest() throws {
        let none = try ReportVerdicts(of: slide, predictions: [], in: layout)
        #expect(try none.words.isEmpty && ReportVerdicts.digest(of: slide, in: layout) == nil)
        #expect(
            try words(["|reviewer|: 3", line("Ann", "agree").replacing("S1", with: "S2")]).map(\.reader) == ["Ann"]
        )
        let finer = JobLayout(root: layout.root.appending(path: "finer/m-overlap0.5-top3"))
        #expect(try ReportVerdicts.digest(of: slide, in: finer) == ReportVerdicts.digest(of: slide, in: layout))
    }
}
