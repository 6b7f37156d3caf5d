import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Every metric has names, a documentation, and the places that the table gives it.
@Suite struct MetricTableTests {
    private static let three = ["a", "b", "c"]
    private static let ofClasses = Metric.allCases.filter { $0.kinds.contains(.class) }
    /// What stands beside metrics where classes are asked.
    private static let fixed = MetricReport.CodingKeys.allCases.map(\.rawValue).filter {
        !["target", "tau", "c_index_uno_support"].contains($0)
    }

    private static func report(_ sample: [JudgedClass]) -> MetricReport {
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 0
        let scaled = sample.map { judged in
            var judged = judged
            judged.calibrated = Temperature(value: 2).scaled(judged.probabilities)
            return judged
        }
        let classes = three.prefix(sample[0].probabilities.count)
        return MetricReport(scaled, classes: Array(classes), evaluation: evaluation, seed: 1)
    }

    private static func object(_ report: MetricReport) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: CanonicalJSON.data(report)) as? [String: Any])
    }

    @Test(arguments: Metric.allCases) func aMetricHasAKeyAndATitleOfItsOwn(metric: Metric) {
        #expect(metric.key.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil)
        #expect(!metric.title.isEmpty)
        #expect(Metric.allCases.count { $0.title == metric.title } == 1)
        // These stand beside the metrics in the same objects.
        let others =
            MetricReport.CodingKeys.allCases.map(\.rawValue) + MetricReport.OneClass.CodingKeys.allCases.map(\.rawValue)
        #expect(!others.contains(metric.key))
        let isOfClasses = metric.places.contains(.classes) || metric.places.contains(.printedClasses)
        #expect(!isOfClasses || metric.row.ofClass != nil, "nothing to show of a class")
        #expect(!metric.places.contains(.printedClasses) || metric.places.contains(.classes))
        #expect(!metric.places.contains(.calibration) || metric.basis == .probabilities)
    }

    @Test(arguments: Target.Kind.allCases) func oneMetricIsTheHeadline(kind: Target.Kind) {
        #expect(Metric.shown(in: .headline, of: kind).count == 1)
        #expect(kind != .class || Metric.shown(in: .headline, of: kind) == [.auc])
    }

    @Test func theDocumentationHasTheTablesRowsInItsOrder() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let text = try String(contentsOf: root.appending(path: "docs/metrics.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let wanted = Metric.allCases.map {
            ["`\($0.key)`", $0.title, $0.direction.rawValue, $0.interval.rawValue]
        }
        #expect(rows.map { Array($0.prefix(4)) } == wanted)
        #expect(rows.allSatisfy { $0.count == 5 && $0[4].hasSuffix(".") }, "a definition is missing")
    }

    @Test func aReportOfTwoClassesHoldsEveryMetric() throws {
        let object = try Self.object(Self.report(ReferenceSample.twoClasses))
        for part in ["calibration", "temperature_scaled"] {
            let wanted = Self.ofClasses.filter { $0.basis == .probabilities }.map(\.key)
            #expect((object[part] as? [String: Any])?.keys.sorted() == wanted.sorted())
        }
        let fixed = Self.fixed.filter { $0 != "classes" }
        let metrics = Self.ofClasses.filter { $0.basis != .probabilities }.map(\.key)
        #expect(object.keys.sorted() == (fixed + metrics).sorted())
    }

    @Test func aReportOfMoreClassesHoldsThoseOfEachClass() throws {
        let object = try Self.object(Self.report(ReferenceSample.threeClasses))
        let whole = Self.ofClasses.filter { ![.probabilities, .positives].contains($0.basis) }.map(\.key)
        let fixed = Self.fixed
        #expect(object.keys.sorted() == (fixed + whole).sorted())
        let classes = try #require(object["classes"] as? [[String: Any]])
        #expect(classes.map { $0["name"] as? String } == Self.three)
        let single = Metric.shown(in: .classes).map(\.key) + ["name", "slides"]
        for one in classes { #expect(one.keys.sorted() == single.sorted()) }
    }

    @Test(arguments: [ReferenceSample.twoClasses, ReferenceSample.threeClasses])
    func aReportIsReadAsItWasWritten(sample: [JudgedClass]) throws {
        let report = Self.report(sample)
        let data = try CanonicalJSON.data(report)
        #expect(try JSONDecoder().decode(MetricReport.self, from: data) == report)
    }

    @Test func aReportOfAVersionWithFewerMetricsIsRead() throws {
        var object = try Self.object(Self.report(ReferenceSample.twoClasses))
        object["f1"] = nil
        let data = try JSONSerialization.data(withJSONObject: object)
        let report = try JSONDecoder().decode(MetricReport.self, from: data)
        #expect(report[.f1] == nil && report[.precision]?.value != nil)
        #expect(!report.named.map(\.0).contains(Metric.f1.title))
    }

    // MARK: On the page

    /// Of a training of two folds, whose metrics have no intervals, so that each has a reason.
    private func page(_ classes: [String]) throws -> XMLElement {
        let (training, scratch) = (try MadeTraining(classes: classes), try Scratch())
        for fold in 0..<2 { try training.train(fold, in: scratch.folder) }
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 0
        let trained = try TrainingEvaluation(model: scratch.folder, folds: [0, 1], evaluation: evaluation, seed: 1)
        let page = try trained.page(of: trained.report())
        let text = page.replacing("<!DOCTYPE html>", with: "").replacing("<meta charset=\"utf-8\">", with: "")
            .replacing("<meta name=\"viewport\" content=\"width=device-width\">", with: "")
        return try #require(try XMLDocument(xmlString: text).rootElement())
    }

    private func texts(_ page: XMLElement, _ path: String) throws -> [String] {
        try page.nodes(forXPath: path).compactMap(\.stringValue)
    }

    @Test func aPageOfTwoClassesShowsMetricsWhereTheTableSaysSo() throws {
        let page = try page(["negative", "positive"])
        let headline = try texts(page, "//p[@class='headline']/strong")
        #expect(headline.count == 1 && headline[0].hasPrefix("\(Metric.auc.title) "))
        let figures = try texts(page, "(//table[thead//th='Test part'])[1]/thead//th")
        #expect(
            figures == ["Test part"] + Metric.shown(in: .figures, of: .class).map(\.row.column) + ["Slides", "Cases"]
        )
        let calibration = try texts(page, "//table[thead//th='Temperature scaled']/tbody/tr/th")
        #expect(calibration == Metric.shown(in: .calibration).map(\.row.inFull))
        let spread = try texts(page, "//table[thead//th[1]='Metric']/tbody/tr/th")
        #expect(spread.sorted() == Metric.shown(in: .spread, of: .class).map(\.row.heading).sorted())
        let reasons = try texts(page, "(//table[thead//th='Reason'])[1]/tbody/tr[1]/td[1]")
        #expect(reasons == [Metric.shown(in: .reasons, of: .class).map(\.title).joined(separator: ", ")])
    }

    @Test func aPageOfMoreClassesShowsThoseOfEachClass() throws {
        let page = try page(Self.three)
        #expect(try texts(page, "//p[@class='headline']/strong").first?.hasPrefix("Macro \(Metric.auc.title) ") == true)
        let figures = try texts(page, "(//table[thead//th='Test part'])[1]/thead//th")
        let whole = Metric.shown(in: .figures, of: .class).filter { $0.basis != .positives }.map(\.row.column)
        #expect(figures == ["Test part"] + whole + ["Slides", "Cases"])
        let classes = try texts(page, "//table[thead//th='Class against the rest']/thead//th")
        let wanted = Metric.shown(in: .classes).map(\.row.column)
        #expect(classes == ["Class against the rest"] + wanted + ["Slides"])
        let reasons = try texts(page, "(//table[thead//th='Reason'])[1]/tbody/tr[1]/td[1]")
        for metric in Metric.shown(in: .classes) where metric.places.contains(.reasons) {
            #expect(reasons.first?.contains("\(metric.title) of b") == true)
        }
    }

    @Test func aFigureInTheNumbersOwnUnitHasFourDigits() {
        let values = [12345.67, 98.7654, 0.00123456, 0]
        #expect(values.map(Metric.meanAbsoluteError.text) == ["12346", "98.77", "0.001235", "0.000"])
        #expect(values.map(Metric.rootMeanSquaredError.text) == values.map(Metric.meanAbsoluteError.text))
        #expect(Metric.auc.text(0.98765) == "0.988" && Metric.pearson.text(-0.5) == "-0.500")
    }
}
