import Foundation
import Records
import TestSupport
import Testing

@testable import Evaluation
@testable import Files
@testable import Pipeline
@testable import Storage

/// `wsi cohort` on a study whose scanner tints the features and goes with the label: 64 slides of 32 cases.
@Suite struct CohortRunTests {
    private let scratch: Scratch
    private let layout: JobLayout

    init() throws {
        scratch = try Scratch()
        layout = JobLayout(root: scratch.file("job"))
        var table = "case_id,slide_id,label,scanner,date,site,remark\n"
        var tensors: [String: StoredTensor] = [:]
        for slide in 0..<64 {
            let number = slide / 2
            let label = number % 2
            let scanner = number % 16 < 2 ? 1 - label : label
            table += "c\(number),s\(slide),\(label),\(scanner == 1 ? "B" : "A"),2019-01-\(10 + number % 19),"
            table += "\(["north", "south", "west"][number / 2 % 3]),remark \(slide)\n"
            var random = CounterRandom(seed: 9, "slide", slide)
            // Slide 40 is slide 2 under another name; both are of scanner A.
            if slide == 40 { random = CounterRandom(seed: 9, "slide", 2) }
            var values: [Float] = []
            for place in 0..<(12 * 8) {
                let tint: Float = place % 8 == 3 ? 3 * Float(scanner) : 0
                values.append(Float(random.uniform()) + tint)
            }
            tensors["s\(slide)/features"] = StoredTensor(shape: [12, 8], floats: values)
        }
        try SafeTensors(tensors: tensors).write(to: scratch.file("bags.safetensors"))
        _ = try scratch.write(table, to: "labels.csv")
        let config = """
            {"name": "m", "cohort": {"labels": "labels.csv", "folds": 3}, "features": {"path": "bags.safetensors"},
             "model": {"kind": "abmil"}}
            """
        _ = try scratch.write(config, to: "study.json")
    }

    private func run(_ columns: [String] = [], patches: Int = 100) throws -> CohortRun {
        let options = CohortRun.Options(columns: columns, permutations: 999, patches: patches, clusters: 3)
        return try CohortRun(config: scratch.file("study.json"), layout: layout, options: options)
    }

    @Test func theScannerIsNamedAndColumnsThatCannotBeTestedSayWhy() throws {
        let report = try run().found { _ in }.report
        let verdicts = Dictionary(uniqueKeysWithValues: report.columns.map { ($0.name, $0.verdict) })
        #expect(verdicts["scanner"] == .shortcut && verdicts["site"] != .shortcut && verdicts["date"] != .shortcut)
        #expect(report.named == ["scanner"])
        #expect(report.columns.first { $0.name == "date" }?.isNumber == true)
        #expect(report.skipped.map(\.name) == ["remark"])
        #expect(report.leaks.map(\.name) == ["patches"] && report.leaks[0].test == nil, "all have twelve")
        #expect((report.slides, report.cases, report.width) == (64, 32, 8))
        #expect(report.clusters.map(\.patches).reduce(0, +) == 64, "a patch of each slide")
    }

    @Test func aSlideUnderTwoNamesIsAPair() throws {
        let report = try run(["site"], patches: 0).found { _ in }.report
        let pairs = report.duplicates.filter(\.isExact)
        #expect(pairs.map { $0.slides.map(\.text).sorted() } == [["s2", "s40"]])
        #expect(report.duplicatePairs == report.duplicates.count)
        #expect(report.leakingPairs == report.duplicates.count { !$0.folds.isEmpty })
    }

    @Test func ofMoreSlidesThanPatchesThoseThatGiveOneAreDrawn() throws {
        let found = try run(["site"], patches: 10).found { _ in }
        func names(_ text: String) throws -> [String] {
            try Table(text: text, path: "made.csv").rows.map { $0["slide_id"] }
        }
        let (drawn, all) = (try names(found.patchTable), try names(found.slideTable))
        #expect(drawn.count == 10 && Set(drawn).count == 10 && all.count == 64)
        #expect(Set(drawn) != Set(all.prefix(10)), "not the first of the table")
        #expect(try names(run(["site"], patches: 10).found { _ in }.patchTable) == drawn)
    }

    @Test func foldersOfDifferentColumnsAreDifferent() {
        let long = String(repeating: "a", count: 70)
        let columns = ["site", "a b", "a_b", "a/b", "a_b_", long, long + "b", String(long.prefix(60))]
        let names = columns.map(CohortRun.folderName)
        #expect(Set(names).count == columns.count, "\(names)")
        #expect(names[0] == "site" && names[2] == "a_b" && names[1].hasPrefix("a_b-") && names[1].count == 12)
        #expect(names.allSatisfy { $0.utf8.count < 80 && !$0.contains("/") })
    }

    @Test func namesThatDifferInZerosAloneHaveAnOrder() {
        let names = ["10", "1", "01", "2", "a01", "a1"]
        let wanted = ["01", "1", "2", "10", "a01", "a1"]
        for shift in names.indices {
            let turned = Array(names[shift...] + names[..<shift])
            #expect(turned.sorted(by: NumericOrder.precedes) == wanted)
        }
        #expect(!NumericOrder.precedes("1", "1"))
        let cases = (0..<24).map { "c\($0)" }
        let cells = (0..<24).map { $0 % 2 == 0 ? "1" : "01" }
        if case .column(let column) = ColumnReading("x", cells, cases: cases) {
            #expect(column.values == .groups((0..<24).map { 1 - $0 % 2 }, names: ["01", "1"]))
        } else {
            Issue.record("no groups")
        }
    }

    @Test func filesAreTheSameBytesAgainAndAllHaveTheirNames() throws {
        for _ in 0..<2 {
            let before = Scratch.tree(layout.root)
            try CohortRun.write(try run().found { _ in }, pictures: [:], to: layout)
            let after = Scratch.tree(layout.root)
            #expect(Set(after.keys) == Set(JobLayout.CohortFile.allCases.map { "cohort/\($0.rawValue)" }))
            if !before.isEmpty { #expect(before == after) }
        }
        let table = try Table(made: layout.cohort(.slides))
        #expect(table.rows.count == 64 && table.columns.contains("column_scanner"))
        let page = try String(contentsOf: layout.cohort(.page), encoding: .utf8)
        #expect(page.contains("shortcut risk: scanner"))
        let report = try CanonicalJSON.read(CohortReport.self, from: layout.cohort(.report))
        #expect(report.named == ["scanner"])
    }

    @Test func splitsThatLeaveASiteOutKeepCasesWholeAndCanBeNamedInAConfig() throws {
        let made = try run().leaveOut("site", in: layout)
        #expect(made.folds.map(\.group) == ["north", "south", "west"])
        let config = """
            {"name": "m", "cohort": {"labels": "labels.csv", "splits": "\(made.splits)"},
             "features": {"path": "bags.safetensors"}, "model": {"kind": "abmil"}}
            """
        let study = try Study(config: try scratch.write(config, to: "left.json"))
        #expect(study.splits.count == 3)
        let cases = Dictionary(uniqueKeysWithValues: study.cohort.slides.map { ($0.slide, $0.caseID) })
        for split in study.splits {
            let sides = [split.train, split.validation, split.test].map { Set($0.compactMap { cases[$0] }) }
            #expect(sides.allSatisfy { !$0.isEmpty })
            #expect(sides[0].isDisjoint(with: sides[1]) && sides[0].union(sides[1]).isDisjoint(with: sides[2]))
            #expect(sides.map(\.count).reduce(0, +) == 32)
        }
        #expect(made.notes.isEmpty)
        #expect(throws: Failure.self, "no day has five cases") { try run().leaveOut("date", in: layout) }
        #expect(throws: Failure.self, "a case has two remarks") { try run().leaveOut("remark", in: layout) }
        #expect(throws: StorageError.self) { try run().leaveOut("nowhere", in: layout) }
    }

    @Test func valuesThatCannotBeLeftOutOneByOneAreRefusedAndRareOnesNamed() throws {
        func groups(_ cases: Int, _ value: (Int) -> String) -> [String: String] {
            Dictionary(uniqueKeysWithValues: (0..<cases).map { ("c\($0)", value($0)) })
        }
        let notes = try LeaveOut.notes(of: groups(22) { $0 < 2 ? "10" : "\($0 % 2)" }, column: "site")
        #expect(notes.count == 1 && notes[0].contains("site") && notes[0].hasSuffix(": 10 (2)"), "\(notes)")
        #expect(try LeaveOut.notes(of: groups(250) { "\($0 % 50)" }, column: "site").isEmpty)
        for (cases, value) in [(255, { "\($0 % 51)" }), (9, { "\($0 % 2)" }), (9, { _ in "same" })]
            as [(Int, (Int) -> String)]
        {
            #expect(throws: Failure.self) { try LeaveOut.notes(of: groups(cases, value), column: "site") }
        }
    }

    @Test func theLabelsOwnColumnIsSaidToBeTheLabel() throws {
        do {
            _ = try run(["label"]).found { _ in }
            Issue.record("no error")
        } catch let error as StorageError {
            #expect(error.message.contains("column label is the label itself") && error.message.contains("scanner"))
        }
    }

    @Test func theNearestPatchIsItsTwinOnTheOtherSlide() throws {
        let slide = try SlideID("s2")
        let found = try run().similar(to: slide, row: 4, measure: .euclid, count: 3) { _ in }
        #expect(found.compared == 64 * 12 - 1 && found.nearest.count == 3)
        #expect(found.nearest[0].slide.text == "s40" && found.nearest[0].row == 4 && found.nearest[0].distance < 1e-3)
        #expect(throws: Failure.self) {
            try run().similar(to: slide, row: 12, measure: .cosine, count: 3) { _ in }
        }
    }

    @Test func aColumnThatIsNotThereIsNamedBesideThoseThatAre() throws {
        do {
            _ = try run(["scaner"]).found { _ in }
            Issue.record("no error")
        } catch let error as StorageError {
            #expect(error.message.contains("scaner") && error.message.contains("scanner"))
        }
    }

    @Test(arguments: [
        ("1970-01-01", 0.0), ("1970-03-01", 59), ("2000-03-01", 11_017), ("29.02.2024", 19_782), ("1969/12/31", -1),
        ("2024-02-29T10:00:00", 19_782),
    ])
    func daysAreCountedFrom1970(_ cell: String, _ day: Double) { #expect(ColumnReading.day(cell) == day) }

    @Test func cellsAreGroupsNumbersOrDates() {
        let cases = (0..<24).map { "c\($0)" }
        func read(_ cell: (Int) -> String) -> ColumnReading { ColumnReading("x", (0..<24).map(cell), cases: cases) }
        if case .column(let column) = read({ "\(Double($0) / 2)" }) {
            #expect(column.values == .numbers((0..<24).map { Double($0) / 2 }))
        } else {
            Issue.record("no numbers")
        }
        if case .column(let column) = read({ $0 < 3 ? "rare" : $0 < 6 ? "NA" : "\($0 % 2)" }) {
            let wanted = (0..<24).map { $0 < 6 ? nil : $0 % 2 }
            #expect(column.values == .groups(wanted, names: ["0", "1"]), "a rare group is left out")
        } else {
            Issue.record("no groups")
        }
        for cell in [{ _ in "same" }, { _ in "" }, { "text \($0)" }] as [(Int) -> String] {
            if case .column = read(cell) { Issue.record("nothing can be tested there") }
        }
    }
}
