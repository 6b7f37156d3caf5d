import Foundation
import Records
import TestSupport
import Testing

@testable import Storage

/// `wsi cohort` as it is run: 24 slides of 12 cases, of which every second is of the second class and of scanner B.
@Suite struct CohortLookTests {
    private let scratch: Scratch
    private let config: String

    init() throws {
        scratch = try Scratch()
        var table = "case_id,slide_id,label,scanner\n"
        var tensors: [String: StoredTensor] = [:]
        for slide in 0..<24 {
            let label = slide / 2 % 2
            table += "c\(slide / 2),s\(slide),\(label),\(label == 1 ? "B" : "A")\n"
            var random = CounterRandom(seed: 4, "slide", slide)
            var values: [Float] = []
            for place in 0..<40 { values.append(Float(random.uniform()) + (place % 4 == 1 ? 5 * Float(label) : 0)) }
            tensors["s\(slide)/features"] = StoredTensor(shape: [10, 4], floats: values)
        }
        try SafeTensors(tensors: tensors).write(to: scratch["bags.safetensors"])
        try scratch.write(table, to: "labels.csv")
        let text = """
            {"name": "m", "cohort": {"labels": "labels.csv", "folds": 2}, "features": {"path": "bags.safetensors"},
             "model": {"kind": "abmil"}}
            """
        config = try scratch.write(text, to: "study.json").path
    }

    @Test func theReportIsPrintedAndNothingIsWrittenWithoutAJob() throws {
        let before = Scratch.tree(scratch.folder).keys.sorted()
        let made = try Command.run("cohort", "--config", config, "--json")
        #expect(made.exit == 0, "\(made.errors)")
        struct Report: Decodable {
            var named: [String]
            var slides: Int
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(made.output.utf8))
        #expect(report.slides == 24 && report.named == ["scanner"])
        #expect(Scratch.tree(scratch.folder).keys.sorted() == before)
    }

    @Test func withAJobThePageIsThereAndTheVerdictIsSaid() throws {
        let made = try Command.run("cohort", "--config", config, "--out", scratch["job"].path)
        #expect(made.exit == 0, "\(made.errors)")
        #expect(made.output.contains("shortcut risk: scanner"))
        let files = Scratch.tree(scratch["job"]).keys.filter { !$0.hasPrefix("audit/") }.sorted()
        #expect(files == ["cohort/cohort.html", "cohort/cohort.json", "cohort/patches.csv", "cohort/slides.csv"])
    }

    @Test(arguments: [
        ["--leave-out", "scanner"], ["--similar", "s1"], ["--similar", "nobody:1"], ["--column", "nothing"],
        ["--permutations", "5"],
    ])
    func whatCannotBeAskedIsRefused(_ flags: [String]) throws {
        let made = try Command.run(["cohort", "--config", config] + flags)
        #expect(made.exit == 2, "\(flags): \(made.errors)")
    }
}
