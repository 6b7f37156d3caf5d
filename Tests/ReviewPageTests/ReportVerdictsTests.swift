import Foundation
import Records
import Storage
import Testing

@testable import Files
@testable import ReviewPage

@Suite final class ReportVerdictsTests {
    private let layout: JobLayout
    private let slide: SlideID

    init() throws {
        slide = try SlideID("S1")
        let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-verdicts-\(UUID().uuidString)")
        layout = JobLayout(root: folder)
    }

    deinit { try? FileManager.default.removeItem(at: layout.root) }

    /// - Parameter lines: of each the members beside the slide, `|` for a quotation mark.
    private func words(
        _ lines: [String],
        of models: [String] = ["m"],
        digest: String? = nil
    ) throws -> [ReportVerdicts.Word] {
        let text = lines.map { #"{"slide": "S1", \#($0.replacing("|", with: "\""))}"# }.joined(separator: "\n")
        try AtomicFile.write(text + "\n", to: layout.decisions.appending(path: "S1.jsonl"))
        return try ReportVerdicts(of: slide, predictions: models, digest: digest, in: layout).words
    }

    private func line(
        _ reader: String,
        _ verdict: String,
        _ more: String = "",
        text: String = "",
        marks: String = "[]"
    ) -> String {
        "|reviewer|: |\(reader)|, |time|: |2026-11-20T08:00:00Z|, |text|: |\(text)|, |marks|: \(marks), "
            + "|verdict|: |\(verdict)|\(more)"
    }

    @Test func eachReadersLastWordStandsInTheOrderOfSaying() throws {
        let words = try words([
            line("Ann", "unsure", text: "first"),
            line("Bob", "disagree", ", |class|: |normal|", text: "small", marks: "[{|x|: 1, |y|: 2}]"),
            line("ann", "agree"),
        ])
        #expect(words.map(\.reader) == ["Bob", "ann"], "one reader however the name is written")
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

    @Test func whereNothingWasSaidThereIsNoWordAndOtherLinesAreLeftOut() throws {
        #expect(try ReportVerdicts(of: slide, predictions: [], in: layout).words.isEmpty)
        #expect(try words(["|reviewer|: 3", line("Ann", "agree")]).map(\.reader) == ["Ann"])
        let finer = JobLayout(root: layout.root.appending(path: "finer/m-overlap0.5-top3"))
        #expect(try ReportVerdicts(of: slide, predictions: ["m"], in: finer).words.map(\.reader) == ["Ann"])
    }
}
