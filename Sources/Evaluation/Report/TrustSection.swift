import Config
import Files
import Foundation
import Records

/// What abstaining would gain, and what sets and intervals hold.
struct TrustSection {
    let report: EvaluationReport
    /// Of the whole cohort, `slide` or `case`.
    let unit: String

    var text: String { curve + sets }

    private var curve: String {
        guard let points = report.riskCoverage?.points else { return "" }
        var chart = SVGChart(
            title: "Accuracy of the surest",
            xLabel: "Share of \(unit)s that is answered",
            yLabel: "Accuracy",
            x: 0...1,
            y: 0...1
        )
        func bound(_ place: Int) -> SVGChart.Line {
            let bounds = points.compactMap { point in
                point.accuracy.interval.map { (x: point.coverage, y: $0[place]) }
            }
            return SVGChart.Line(points: bounds, colour: "#888888", width: 1, isDashed: true)
        }
        let values = points.compactMap { point in point.accuracy.value.map { (x: point.coverage, y: $0) } }
        chart.lines = [bound(0), bound(1), SVGChart.Line(points: values, colour: SVGChart.colours[0], hasDots: true)]
        return "<h2>Answering only the surest</h2>\n<div class=\"charts\">\(chart.text)</div>\n"
            + "<p class=\"note\">Accuracy among the \(unit)s with the largest probability of a class; dashed: the interval by the bootstrap "
            + "over cases. A model that knows what it does not know falls from left to right.</p>\n"
    }

    private var sets: String {
        guard let told = report.conformal else {
            guard report.evaluation.coverage != nil else { return "" }
            return
                "<h2>Sets and intervals</h2>\n<p>None are told: they take folds that test each \(unit) once, epochs that the test part "
                + "has not chosen, and a class or a number that is asked. Of survival there is none here, since a bound under censoring "
                + "rests on a model of the censoring.</p>\n"
        }
        let title = told.classes == nil ? "Intervals" : "Sets of classes"
        let size = told.classes == nil ? "Mean width" : "Classes in a set"
        let isSetAside = told.source == .calibration
        func third(_ range: [Double]?, _ guaranteed: Double) -> String {
            isSetAside ? range.map { "\(Self.share($0[0])) to \(Self.share($0[1]))" } ?? "–" : Self.share(guaranteed)
        }
        var rows = [
            ["all", "\(told.cases)", Self.share(told.coverage), third(told.range, told.guaranteed), ""]
        ]
        rows += (told.classes ?? []).map { one in
            [
                one.name, "\(one.cases)", Self.share(one.coverage), third(one.range, one.guaranteed),
                one.isTooFew ? "too few: in every set" : "",
            ]
        }
        var facts = [(size, told.meanSize.map { HTML.number($0) } ?? "without end")]
        if let single = told.single { facts.append(("Sets of one class", Self.share(single))) }
        if told.single != nil { facts.append(("Accuracy of these", Self.share(told.singleAccuracy))) }
        if let none = told.none { facts.append(("Sets of no class", Self.share(none))) }
        return "<h2>\(title)</h2>\n"
            + HTML.table(
                isSetAside
                    ? ["Class", "Cases", "Hold the truth", "By chance alone", ""]
                    : ["Class", "Cases", "Hold the truth, by construction", "Proved by all folds", ""],
                rows,
                class: "numbers"
            )
            + HTML.definitions(facts) + "<p class=\"note\">\(HTML.escaped(note(told)))</p>\n"
    }

    private func note(_ told: ConformalSummary) -> String {
        let (what, ofClass, few) =
            told.classes == nil
            ? ("interval", "", "an interval has no end") : ("set", " of a class", "the class is in every set")
        let made =
            "Made to hold the truth in \(Self.share(told.wanted)) of cases\(ofClass), each counted once however many slides it has. "
        let ends =
            "\(told.least) cases\(ofClass) are needed at least; with fewer \(few). The validation part, which chose epoch, threshold and "
            + "temperature, takes no part."
        switch told.source {
        case .calibration:
            return made
                + "They are made with cases that each fold has set aside and never trained on, so that this is guaranteed of new "
                + "cases that are drawn like these. By chance alone: where \(Self.share(report.evaluation.confidence)) of coverages lie, as if "
                + "the folds were independent and each case had one slide. " + ends
        case .folds:
            return made
                + "They are cross-conformal: each fold’s test part is judged against those of the other folds. Since every score is "
                + "ranked among the others, the share that holds the truth is near what was wanted by construction; it says nothing of new "
                + "cases, and what the \(what)s are worth is their size. Proved by all folds: how often a new case that is drawn like these is "
                + "held at least by \(what)s for which each fold’s own model judges it beside the fold’s test part, with folds of equal size. "
                + "No \(what) here is such a one: of these nothing is proved. evaluation.calibration_fraction sets cases aside, with which it is. "
                + ends
        }
    }

    private static func share(_ value: Double?) -> String {
        value.map { "\(HTML.number($0 * 100, digits: 1)) %" } ?? "–"
    }
}
