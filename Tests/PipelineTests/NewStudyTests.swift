import Config
import Files
import Foundation
import Records
import TestSupport
import Testing

@testable import Pipeline

@Suite struct NewStudyTests {
    private let scratch = try? Scratch()

    /// Slides `s0.svs` … and a table of them, of which the config is to be made.
    func study(
        _ header: String,
        _ rows: [String],
        change: (inout NewStudy.Wishes) -> Void = { _ in }
    ) throws -> NewStudy {
        let scratch = try #require(scratch)
        for index in rows.indices { try scratch.add("slides/s\(index).svs") }
        let text = ([header] + rows).map { "\($0)\n" }.joined()
        var wishes = NewStudy.Wishes(labels: try scratch.add("labels.csv", text))
        wishes.slides = scratch.file("slides")
        change(&wishes)
        return try NewStudy(wishes, in: scratch.folder)
    }

    func rows(_ count: Int, _ row: (Int) -> String) -> [String] { (0..<count).map(row) }

    func value(_ study: NewStudy, _ key: String) -> JSONValue? { study.choices.first { $0.key == key }?.value }

    @Test func aPlainTableNeedsNoColumnsAndNamesItsClassesWithThePositiveLast() throws {
        let study = try study(
            "slide_id,case_id,label",
            rows(20) { "s\($0),p\($0),\($0 % 2 == 0 ? "tumor" : "normal")" }
        )
        #expect(value(study, "columns") == nil)
        #expect(value(study, "classes") == .array([.string("normal"), .string("tumor")]))
        #expect(value(study, "folds") == .number(5))
        #expect(value(study, "slides") == .string("slides"))
        #expect(value(study, "labels") == .string("labels.csv"))
        #expect(study.choices.allSatisfy { !$0.reason.isEmpty })
    }

    @Test func columnsAreFoundByWhatTheyHold() throws {
        let study = try study(
            "nr,filename,patient no,diagnosis,age",
            rows(20) { "\($0),s\($0).svs,p\($0 / 2),\($0 / 2 % 2 == 0 ? "luad" : "no luad"),\(50 + $0)" }
        )
        #expect(
            value(study, "columns")
                == .object(["slide": .string("filename"), "case": .string("patient no"), "label": .string("diagnosis")])
        )
        #expect(value(study, "classes") == .array([.string("no luad"), .string("luad")]))
    }

    /// What only sounds like a case, and what is the label already, is none.
    @Test(arguments: [
        "slide_id,label,patient_sex", "slide_id,patient_label", "slide_id,case_diagnosis,age",
    ])
    func aCaseIsNotGuessed(header: String) throws {
        let columns = header.split(separator: ",").map(String.init)
        let rows = rows(20) { index in
            columns.indices.map { $0 == 0 ? "s\(index)" : index % 2 == 0 ? "yes" : "no" }.joined(separator: ",")
        }
        let study = try study(header, rows) {
            if header.contains("patient_label") { $0.labelColumns = ["patient_label"] }
        }
        if case .object(let named) = value(study, "columns") { #expect(named["case"] == nil, "\(named)") }
        #expect(value(study, "folds") == .number(5))
    }

    @Test func aTableWithoutNamesIsReadByItsPlaces() throws {
        let rows = rows(20) { "s\($0),\($0 % 2)" }
        let study = try study(rows[0], Array(rows.dropFirst()))
        #expect(value(study, "columns") == nil && value(study, "classes") == .array([.string("0"), .string("1")]))
        let error = try #require(throws: Failure.self) {
            try self.study(rows[0], Array(rows.dropFirst())) { $0.caseColumn = "x" }
        }
        #expect(error.message.contains("no line of names"))
    }

    @Test func aFirstLineThatIsASlidesIsNoHeader() throws {
        let rows = rows(20) { "s\($0),p\($0),\($0 % 2 == 0 ? "tumor" : "normal")" }
        let error = try #require(throws: Failure.self) { try study(rows[0], Array(rows.dropFirst())) }
        #expect(error.message.contains("names the slide 's0'"))
    }

    @Test func aColumnOfSplitsIsSaidNotToBeUsed() throws {
        let study = try study("slide_id,label,split", rows(20) { "s\($0),\($0 % 2),\($0 < 15 ? "train" : "test")" })
        #expect(study.choices.first { $0.key == "folds" }?.reason.contains("cohort.splits would take it") == true)
    }

    @Test func waysToWriteOneLabelAreMapped() throws {
        var study = try study(
            "slide_id,label",
            rows(20) { "s\($0),\($0 % 2 == 0 ? "normal" : $0 == 1 ? "Tumor" : "tumor")" }
        )
        #expect(value(study, "label_map") == .object(["Tumor": .string("tumor")]))
        #expect(try study.checked().json.contains("label_map"))
    }

    @Test func fewerFoldsAreTakenWhereAClassHasFewCases() throws {
        let study = try study("slide_id,label", rows(20) { "s\($0),\($0 < 6 ? "tumor" : "normal")" })
        guard case .number(let folds) = value(study, "folds") else {
            Issue.record("no folds")
            return
        }
        #expect((2...5).contains(folds))
        #expect(throws: (any Error).self) {
            try self.study("slide_id,label", rows(8) { "s\($0),\($0 == 0 ? "tumor" : "normal")" })
        }
    }

    @Test func whichClassIsPositiveIsAskedAndTheAnswerTaken() throws {
        let rows = rows(20) { "s\($0),\($0 % 2 == 0 ? "luad" : "lusc")" }
        let error = try #require(throws: Failure.self) { try study("slide_id,label", rows) }
        #expect(error.message.contains("--positive luad or --positive lusc"))
        let answered = try study("slide_id,label", rows) { $0.positive = "luad" }
        #expect(value(answered, "classes") == .array([.string("lusc"), .string("luad")]))
        let wrong = try #require(throws: Failure.self) { try study("slide_id,label", rows) { $0.positive = "brca" } }
        #expect(wrong.subject == "--positive")
    }

    @Test func columnsThatLeaveAQuestionOpenAreAskedFor() throws {
        let two = rows(20) { "s\($0),\($0 % 2),\($0 / 2 % 2)" }
        let error = try #require(throws: Failure.self) { try study("slide_id,first,second", two) }
        #expect(error.subject == "--label-column")
        let answered = try study("slide_id,first,second", two) { $0.labelColumns = ["second"] }
        #expect(value(answered, "columns") == .object(["label": .string("second")]))
        let absent = try #require(throws: Failure.self) {
            try study("slide_id,first,second", two) { $0.labelColumns = ["third"] }
        }
        #expect(absent.message.contains("first"))
    }

    /// Fractions, and more whole numbers than codes have, are no classes; a few whole ones are.
    @Test func numbersAreAskedAsNumbersAndNotTakenForClasses() throws {
        for (header, row) in [
            ("slide_id,label", { "s\($0),\(40 + $0)" }), ("slide_id,label", { "s\($0),\(Double($0 % 4) / 2)" }),
            ("slide_id,score", { "s\($0),\(Double($0) / 8)" }),
        ] as [(String, (Int) -> String)] {
            let study = try study(header, rows(30, row))
            #expect(value(study, "target") == .string("number"))
            let reason = study.choices.first { $0.key == "target" }?.reason
            #expect(reason?.contains("different numbers, from") == true && reason?.contains("no classes") == true)
            #expect(header.hasSuffix("label") == (value(study, "columns") == nil))
        }
        let grades = try study("slide_id,label", rows(30) { "s\($0),\($0 % 3)" })
        #expect(value(grades, "target") == nil)
        let ages = try #require(throws: Failure.self) {
            try study("slide_id,label", rows(30) { "s\($0),\(40 + $0)" }) { $0.target = .class }
        }
        #expect(ages.subject == "--label-column")
    }

    @Test func aTimeAndAnEventThatAreNamedAlikeAreSurvival() throws {
        let cells = { (index: Int) in "\(index % 3 == 0 ? "dead" : "alive"),\(3 + index),\(index % 2),\(5 + index)" }
        let header = "slide_id,death,days_to_last_contact,pfs_status,pfs_months"
        let alike = try study(header, rows(20) { "s\($0),\(cells($0))" })
        #expect(value(alike, "target") == .string("survival") && value(alike, "time_unit") == .string("months"))
        let columns: JSONValue = .object(["time": .string("pfs_months"), "event": .string("pfs_status")])
        #expect(value(alike, "columns") == columns)
        // Beside a label they are asked for by name alone.
        let labelled = "slide_id,label,pfs_status,pfs_months"
        let row = { (index: Int) in "s\(index),\(index % 2 == 0 ? "tumor" : "normal"),\(index / 2 % 2),\(5 + index)" }
        #expect(value(try study(labelled, rows(20, row)), "target") == nil)
        let asked = try study(labelled, rows(20, row)) { $0.target = .survival }
        #expect(value(asked, "columns") == columns)
    }

    /// A time and an event of which each says what it is of, and not the same.
    @Test(arguments: [
        "age_years,msi_status", "ageYears,msi_status", "age_years,msi", "os_months,msi_status",
        "follow_up_days,msi_status",
        "year_of_diagnosis,msi_status",
    ])
    func aTimeAndAnEventOfDifferentThingsAreNoSurvival(names: String) throws {
        let study = try study(
            "slide_id,case_id,\(names)",
            rows(20) { "s\($0),p\($0),\(40 + $0),\($0 % 2)" }
        )
        #expect(value(study, "target") == nil, "\(names)")
        let event = String(names.split(separator: ",")[1])
        #expect(value(study, "columns") == .object(["label": .string(event)]), "\(names)")
    }

    @Test(arguments: [
        "survival_days,vital_status", "OS.time,OS", "time,event", "days_to_death,vital_status", "months,relapse_status",
        "DFS_MONTHS,DFS_STATUS", "daysToDeath,vitalStatus",
    ])
    func aTimeAndAnEventThatBelongTogetherAreSurvival(names: String) throws {
        for age in ["", ",age_years"] {
            let study = try study(
                "slide_id,case_id,\(names)\(age)",
                rows(20) { "s\($0),p\($0),\(40 + $0),\($0 % 2)" + (age.isEmpty ? "" : ",\(50 + $0)") }
            )
            #expect(value(study, "target") == .string("survival"), "\(names)")
        }
    }

    /// As GDC has it: who lives has no day of death.
    @Test func timesOfTheDeadAloneAreNoSurvival() throws {
        let study = try study(
            "slide_id,days_to_death,vital_status",
            rows(20) { "s\($0),\($0 % 2 == 0 ? "\(40 + $0),1" : ",0")" }
        )
        #expect(value(study, "target") == nil)
    }

    @Test(arguments: ["age", "Age_Years", "ageAtDiagnosis", "year", "year_of_diagnosis", "bmi"])
    func whatDescribesThePatientIsNotAskedUnsaid(name: String) throws {
        let alone = rows(30) { "s\($0),p\($0),\(40 + $0)" }
        let error = try #require(throws: Failure.self, "\(name)") { try study("slide_id,case_id,\(name)", alone) }
        #expect(error.subject == "--label-column" && error.message.contains(name), "\(error.message)")
        let said = try study("slide_id,case_id,\(name)", alone) { $0.labelColumns = [name] }
        #expect(value(said, "target") == .string("number"))
        // Beside it a number is the only one.
        let beside = try study("slide_id,\(name),score", rows(30) { "s\($0),\(40 + $0),\(Double($0) / 8)" })
        #expect(value(beside, "columns") == .object(["label": .string("score")]))
    }

    @Test func theConfigIsOneThatReadsBackToTheSame() throws {
        let scratch = try #require(scratch)
        var study = try study("slide_id,case_id,label", rows(20) { "s\($0),p\($0),\($0 % 2)" })
        let file = try scratch.add("study.json", try study.checked().json)
        #expect(try PipelineConfig.read(file) == study.config())
        #expect(try StudyReading(config: file).problems.isEmpty)
    }
}
