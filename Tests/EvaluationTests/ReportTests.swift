import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import Messages

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct ReportTests {
    private let scratch: Scratch
    private let problem: MadeTraining

    init() throws {
        (scratch, problem) = (try Scratch(), try MadeTraining(shift: 1))
    }

    private func train(_ change: (inout TrainRequest) -> Void = { _ in }) throws {
        for fold in 0..<2 {
            var request = problem.request(fold, in: scratch.folder)
            change(&request)
            try problem.write(request)
        }
    }

    private func page(_ evaluation: EvaluationConfig = EvaluationConfig()) throws -> String {
        let trained = try TrainingEvaluation(model: scratch.folder, folds: [0, 1], evaluation: evaluation, seed: 1)
        let report = try trained.report()
        try CanonicalJSON.write(report, to: scratch.file("metrics.json"))
        return trained.page(of: report)
    }

    /// The page as a tree, which takes well-formed XML.
    private func tree(_ page: String) throws -> XMLElement {
        let text = page.replacing("<!DOCTYPE html>", with: "").replacing("<meta charset=\"utf-8\">", with: "")
            .replacing("<meta name=\"viewport\" content=\"width=device-width\">", with: "")
        return try #require(try XMLDocument(xmlString: text).rootElement())
    }

    @Test func thePageIsWellFormedAndLoadsNothing() throws {
        try train()
        let page = try page()
        let root = try tree(page)
        // The last one is accuracy against coverage.
        #expect(try root.nodes(forXPath: "//svg").count == 3 + 4 + 1)
        #expect(try root.nodes(forXPath: "//script | //link | //img | //@src | //@href").isEmpty)
        #expect(try root.nodes(forXPath: "//svg[not(@aria-label)]").isEmpty)
        let again = try self.page()
        #expect(again == page)
    }

    /// The figure and the sentences under the name.
    private func headline(_ page: String) throws -> [String] {
        try tree(page).nodes(forXPath: "//main/h1/following-sibling::p[position() <= 2]").compactMap(\.stringValue)
    }

    @Test func thePageBeginsWithItsFigureAndHowThatWasJudged() throws {
        try train()
        let page = try page()
        let report = try CanonicalJSON.read(EvaluationReport.self, from: scratch.file("metrics.json"))
        let interval = try #require(report.pooled.auc.interval)
        let bounds = interval.map { HTML.number($0) }.joined(separator: "–")
        let (figure, lead) = (try headline(page)[0], try headline(page)[1])
        #expect(figure.hasPrefix("AUC \(HTML.number(report.pooled.auc.value))"))
        #expect(figure.hasSuffix("95 % interval \(bounds)"))
        #expect(
            lead.hasPrefix(
                "For \(report.classes[1]) against \(report.classes[0]), on \(report.pooled.slides) slides of"
            )
        )
        #expect(
            lead.contains("slide was judged by the fold that had not seen it")
                && lead.contains("from validation slides")
        )
        #expect(lead.hasSuffix(report.pooled.auc.method == .delong ? "DeLong." : "2000 resamples."))
    }

    @Test func anIntervalThatNobodyAskedForIsNotShown() throws {
        try train()
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 0
        let lines = try headline(page(evaluation))
        #expect(!lines[0].contains("interval") && lines[1].hasSuffix("No interval: no interval was asked for."))
    }

    @Test func thePageNamesEverySlideThatWasDecidedWrongly() throws {
        try train()
        let root = try tree(page())
        let wrong = try (0..<2).flatMap { fold in
            try FoldPredictions(folder: scratch.file("fold_\(fold)"), classes: problem.cohort.classes)
                .part("test").filter { $0.judged.ofClass?.label != $0.judged.ofClass?.decision }.map(\.slide.text)
        }
        #expect(!wrong.isEmpty, "the problem is too easy to show anything")
        let rows = try root.nodes(forXPath: "//h2[.='Slides it got wrong']/following-sibling::table[1]/tbody/tr/th")
        #expect(rows.compactMap(\.stringValue).sorted() == wrong.sorted())
    }

    @Test func namesFromFilesAreTextAndNothingElse() throws {
        try train { request in
            request.name = "<script>alert(1)</script>"
            request.cohort.classes = ["a<b", "\"c\" & 'd'"]
        }
        let root = try tree(page())
        #expect(try root.nodes(forXPath: "//script").isEmpty)
        #expect(try root.nodes(forXPath: "//h1").first?.stringValue == "<script>alert(1)</script>")
    }

    @Test func thePapersProtocolIsSaidAloud() throws {
        try train()
        let loud = "Protocol of the papers"
        let honest = try page()
        #expect(!honest.contains(loud))
        var evaluation = EvaluationConfig()
        evaluation.protocol = .paper
        let paper = try page(evaluation)
        #expect(paper.contains(loud))
    }

    @Test func foldsTrainedByThePapersProtocolStayThePapers() throws {
        try train { $0.evaluation.protocol = .paper }
        #expect(try page().contains("Protocol of the papers"))
        let report = try CanonicalJSON.read(EvaluationReport.self, from: scratch.file("metrics.json"))
        #expect(report.protocol == .paper)
    }

    @Test func calibrationStandsBeforeAndAfterScaling() throws {
        try train()
        let root = try tree(page())
        let rows = try root.nodes(forXPath: "//table[thead//th='Temperature scaled']/tbody/tr")
        #expect(rows.count == 3)
        let report = try CanonicalJSON.read(EvaluationReport.self, from: scratch.file("metrics.json"))
        let scaled = try #require(report.pooled.temperatureScaled)
        #expect(rows[0].stringValue?.contains(HTML.number(scaled[.brier]?.value)) == true)
        #expect(rows[2].stringValue?.contains(HTML.number(report.pooled.calibration[.logLoss]?.value)) == true)
    }

    @Test func slidesTestedInSeveralFoldsCountEachTimeAndByRepetition() throws {
        try train()
        // The second fold tests the first one's slides again.
        let (from, to) = (scratch.file("fold_0"), scratch.file("fold_1"))
        try FileManager.default.removeItem(at: to)
        try FileManager.default.copyItem(at: from, to: to)
        let page = try page()
        let report = try CanonicalJSON.read(EvaluationReport.self, from: scratch.file("metrics.json"))
        #expect(report.repeats && report.pooled.slides == 2 * report.folds[0].test.slides)
        #expect(report.pooled.cases == report.folds[0].test.cases)
        #expect(report.overRepetitions?["auc"]?.folds == 2)
        #expect(report.overRepetitions?["auc"]?.mean == report.folds[0].test.auc.value)
        #expect(report.pooled.auc.method == .bootstrap)
        #expect(page.contains("over repetitions") && page.contains("Every slide may be tested in several folds"))
    }

    @Test func whereBagsAreCasesThePageSaysCases() throws {
        try train { $0.cohort.unit = .case }
        let page = try page()
        #expect(page.contains("<h2>Cases it got wrong</h2>") && page.contains("Metrics on the test cases"))
        let text = try #require(try tree(page).nodes(forXPath: "//main").first?.stringValue)
        #expect(!text.lowercased().contains("slide"))
    }

    @Test func severalSeedsAreSummarisedByMeanAndSpread() throws {
        var runs: [(seed: UInt64, folder: URL)] = []
        for seed in [UInt64(1), 2] {
            let folder = scratch.file("seed_\(seed)")
            for fold in 0..<2 {
                var request = problem.request(fold, in: folder)
                (request.training.epochs, request.training.seed) = (2, seed)
                try problem.write(request)
            }
            var evaluation = EvaluationConfig()
            evaluation.bootstrap = 100
            let trained = try TrainingEvaluation(model: folder, folds: [0, 1], evaluation: evaluation, seed: seed)
            try CanonicalJSON.write(trained.report(), to: folder.appending(path: "metrics.json"))
            runs.append((seed, folder))
        }
        let summary = try SeedSummary(name: "two", folders: runs)
        try CanonicalJSON.write(summary.report, to: scratch.file("metrics.json"))
        let report = try CanonicalJSON.read(SummaryReport.self, from: scratch.file("metrics.json"))
        #expect(report == summary.report)
        let areas = report.seeds.compactMap(\.pooled.auc.value)
        #expect(areas.count == 2 && report.overSeeds["auc"]?.mean == areas.reduce(0, +) / 2)
        #expect(report.overFoldsAndSeeds["auc"]?.folds == 4)
        #expect(report.averaged.slides == report.seeds[0].pooled.slides && report.slideAUC != nil)
        let page = summary.page
        let (lines, spread) = (try headline(page), areas.sorted().map { HTML.number($0) })
        #expect(lines[0].hasPrefix("AUC \(HTML.number(report.slideAUC))"))
        #expect(lines[1].contains("by the mean of 2 seeds, which alone reach \(spread[0])–\(spread[1])"))
        let root = try tree(page)
        let rows = try root.nodes(forXPath: "//table[thead//th='Test part']/tbody/tr/th").compactMap(\.stringValue)
        let both = ["mean of the seeds’ probabilities", "the same, resampled by case and seed"]
        #expect(Array(rows.prefix(4)) == both + ["seed 1, pooled", "seed 2, pooled"])
        // Runs that test other slides are no repetitions of each other.
        let folds = (0..<2).map { runs[1].folder.appending(path: "fold_\($0)") }
        try FileManager.default.removeItem(at: folds[1])
        try FileManager.default.copyItem(at: folds[0], to: folds[1])
        #expect(throws: MILError.self) { try SeedSummary(name: "two", folders: runs) }
    }
}
