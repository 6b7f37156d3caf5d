import Config
import Files
import Foundation
import Records
import TestSupport
import Testing

@testable import Pipeline

/// `wsi init` with tables by patient, given folds and other questions than a class.
@Suite struct NewCaseStudyTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func study(
        _ table: String,
        slides: [String],
        change: (inout NewStudy.Wishes) throws -> Void = { _ in }
    ) throws -> NewStudy {
        for slide in slides { try scratch.add("slides/\(slide).svs") }
        var wishes = NewStudy.Wishes(labels: try scratch.add("labels.csv", table))
        wishes.slides = scratch.file("slides")
        try change(&wishes)
        return try NewStudy(wishes, in: scratch.folder)
    }

    private func value(_ study: NewStudy, _ key: String) -> JSONValue? { study.choices.first { $0.key == key }?.value }

    private func config(_ study: NewStudy) throws -> String {
        var study = study
        let text = try study.checked().json
        #expect(!text.contains("null"), "\(text)")
        #expect(try StudyReading(config: scratch.add("study.json", text)).problems.isEmpty)
        return text
    }

    private static func barcode(_ index: Int) -> String { "TCGA-A6-\(1000 + index)" }

    @Test func whoIsCensoredIsNoClass() throws {
        let rows = (0..<12).map { "s\($0),\(100 + $0),\($0 % 2)\n" }.joined()
        let failure = #expect(throws: Failure.self) {
            try study("slide_id,time,censored\n" + rows, slides: (0..<12).map { "s\($0)" })
        }
        #expect(failure?.subject == "--label-column" && failure?.message.contains("--event-column") == true)
    }

    @Test func tcgasPatientsAreRecognisedAndSurvivalIsAsked() throws {
        let rows = (0..<30).map { "\(Self.barcode($0)),\($0 % 3 == 0 ? "0:LIVING" : "1:DECEASED"),\(10 + $0)" }
        let study = try study(
            (["PATIENT_ID,OS_STATUS,OS_MONTHS"] + rows).map { "\($0)\n" }.joined(),
            slides: (0..<30).map { "\(Self.barcode($0))-01Z-00-DX1" }
        )
        #expect(value(study, "case_from") == .string("tcga") && value(study, "target") == .string("survival"))
        #expect(value(study, "time_unit") == .string("months") && value(study, "folds") == .number(5))
        #expect(try config(study).contains("\"case_from\": \"tcga\""))
    }

    @Test func stampsTablesMakeAStudy() throws {
        let rows = (0..<20).map { "p\($0),\($0 % 2 == 0 ? "MSIH" : "nonMSIH"),\($0)" }
        let study = try study(
            (["PATIENT,isMSIH,AGE"] + rows).map { "\($0)\n" }.joined(),
            slides: (0..<20).map { "s\($0)" }
        ) {
            let slides = (0..<20).map { "p\($0),sub/s\($0).h5\n" }.joined()
            $0.slideTable = try scratch.add("slide.csv", "PATIENT,FILENAME\n" + slides)
            ($0.labelColumns, $0.positive) = (["isMSIH"], "MSIH")
        }
        #expect(value(study, "slide_table") == .string("slide.csv"))
        #expect(value(study, "classes") == .array([.string("nonMSIH"), .string("MSIH")]))
        #expect(try config(study).contains("\"label\": \"isMSIH\""))
    }

    @Test func givenFoldsBecomeTheSplits() throws {
        let rows = (0..<20).map { index in
            "p\(index)\ts\(index)\t\(index % 2)\t\(index % 5 == 0 ? "test" : "train")\t\(index % 5 == 1 ? "test" : "train")"
        }
        let study = try study(
            (["case_id\tslide_id\tBAP1_mutation\tfold_0\tfold_1"] + rows).map { "\($0)\n" }.joined(),
            slides: (0..<20).map { "s\($0)" }
        )
        #expect(value(study, "splits") == .string("labels.csv") && value(study, "folds") == nil)
        #expect(value(study, "columns") == .object(["label": .string("BAP1_mutation")]))
        _ = try config(study)
    }

    @Test func numbersAndLabelsAreAsked() throws {
        let rows = (0..<20).map { "s\($0),\(Double($0) / 7),\($0 % 2),\($0 % 4 == 0 ? "yes" : "no")" }
        let table = (["slide_id,score,TP53,KRAS"] + rows).map { "\($0)\n" }.joined()
        let slides = (0..<20).map { "s\($0)" }
        let number = try study(table, slides: slides) {
            $0.target = .number; $0.labelColumns = ["score"]
        }
        #expect(try config(number).contains("\"target\": \"number\""))
        let labels = try study(table, slides: slides) {
            $0.target = .labels; $0.labelColumns = ["TP53", "KRAS"]
        }
        #expect(value(labels, "columns") == .object(["labels": .array([.string("TP53"), .string("KRAS")])]))
        _ = try config(labels)
        let open = try #require(throws: Failure.self) { try study(table, slides: slides) { $0.target = .labels } }
        #expect(open.subject == "--label-column" && open.message.contains("TP53, KRAS"))
    }
}
