import Files
public import Foundation
import Records

/// `cohort.html`: what `wsi cohort` found, as one page that needs nothing else.
public struct CohortPage {
    /// Places of slides, each with its value of every column that colours the map.
    public struct SlideMap {
        public var places: [CohortReport.Place]
        /// By name; of each slide its group, or nil.
        public var colours: [(name: String, groups: [String?])]

        public init(places: [CohortReport.Place], colours: [(name: String, groups: [String?])]) {
            (self.places, self.colours) = (places, colours)
        }
    }

    private let report: CohortReport
    private let slides: SlideMap
    private let patches: [CohortReport.Place]
    /// JPEG pictures of example patches by slide and row.
    private let pictures: [String: Data]

    /// - Parameter pictures: by `picture(_:)` of the patch.
    public init(_ report: CohortReport, slides: SlideMap, patches: [CohortReport.Place], pictures: [String: Data] = [:])
    {
        (self.report, self.slides, self.patches, self.pictures) = (report, slides, patches, pictures)
    }

    /// What a picture of an example is known by.
    public static func picture(_ example: CohortReport.Cluster.Example) -> String { "\(example.slide)#\(example.row)" }

    public var text: String {
        let words = CohortWords(report)
        let sections = [
            heading(words),
            section("What features tell of the table’s columns", CohortWords.columnHead, words.columns, Self.columnNote)
                + charts(report.columns.map { ($0.name, $0.features, $0.isNumber) }),
            section("What gives the label away", words.leakHead, words.leaks, Self.leakNote)
                + charts(report.leaks.map { ($0.title, $0.test, $0.isNumber) }),
            section("Slides that are nearly the same", CohortWords.pairHead, words.pairs, Self.pairNote), subgroups,
            slideMaps, patchMaps, clusters, notes,
        ]
        return HTML.page("Cohort of \(report.name)", sections.joined(separator: "\n"))
    }

    private func heading(_ words: CohortWords) -> String {
        let lines = words.verdict.map { "<p class=\"verdict\">\(HTML.escaped($0))</p>\n" }.joined()
        let label = report.label.map {
            [("features tell the label", "\(HTML.number($0.value)), by chance to \(HTML.number($0.nullHigh))")]
        }
        return "<h1>Cohort of \(HTML.escaped(report.name))</h1>\n" + lines
            + HTML.definitions(
                [
                    ("slides (cases)", "\(report.slides) (\(report.cases))"), ("features", "\(report.width)"),
                    ("permutations by case", "up to \(report.permutations)"),
                ] + (label ?? [])
            )
    }

    private static let columnNote = """
        AUC, of numbers the rank correlation, of a ridge regression on mean features, each case by the cases of other folds; beside it
        the mean and the upper 95 % of columns that were dealt anew among cases. p is after Holm over every test of this page.
        """
    private static let leakNote = "The same of the label, told by these numbers alone. They should not matter."
    private static let pairNote = """
        By distance of standardised mean features, as a share of the median distance of two slides; the same: every number is.
        """

    private static let groupNote = """
        The others are those of the column’s other groups. The difference is resampled by case, with an interval of 95 % of all groups
        together; groups of fewer than \(SubgroupFigures.fewestCases) cases are not compared, and not called the worst.
        """

    private func section(_ title: String, _ head: [String], _ rows: [[String]], _ note: String) -> String {
        guard !rows.isEmpty else { return "" }
        return "<h2>\(title)</h2>\n" + HTML.table(head, rows, class: "numbers")
            + "<p class=\"note\">\(HTML.escaped(note))</p>\n"
    }

    /// A bar to the figure of chance for each test, with the figure itself as a line.
    private func charts(_ tests: [(name: String, test: PermutationTest?, isNumber: Bool)]) -> String {
        let known = tests.compactMap { entry in entry.test.map { (entry.name, $0, entry.isNumber) } }
        guard !known.isEmpty else { return "" }
        let charts = known.map { name, test, isNumber in
            let lowest = min(isNumber ? 0 : 0.5, test.value, test.nullMean)
            var chart = SVGChart(
                title: name,
                xLabel: "grey: by chance, up to 95 %; blue: found",
                yLabel: isNumber ? "rank correlation" : "AUC",
                x: 0...3,
                y: max(-1, lowest - 0.05)...1
            )
            chart.bars = [SVGChart.Bar(from: 0.4, to: 1.4, height: test.nullHigh)]
            chart.lines = [
                SVGChart.Line(points: [(0.4, test.nullMean), (1.4, test.nullMean)], colour: "#777777"),
                SVGChart.Line(points: [(1.6, test.value), (2.6, test.value)], colour: SVGChart.colours[0], width: 6),
            ]
            return chart.text
        }
        return "<div class=\"charts\">\n\(charts.joined())</div>\n"
    }

    private var subgroups: String {
        report.subgroups.map { figures in
            let rows =
                [["all", "", "", "", CohortWords.estimate(figures.all), "", ""]]
                + figures.groups.map { group in
                    [
                        group.column, group.name, "\(group.slides)", "\(group.cases)",
                        CohortWords.estimate(group.figure), CohortWords.estimate(group.difference),
                        CohortWords.mark(group, figures),
                    ]
                }
            let head = ["column", "group", "slides", "cases", figures.title, "less that of the others", ""]
            return section("\(HTML.escaped(figures.training)) by group", head, rows, Self.groupNote)
        }
        .joined()
    }

    private var slideMaps: String {
        guard slides.places.count > 1, !slides.colours.isEmpty else { return "" }
        let maps = slides.colours.map { colour in
            scatter("Slides by \(colour.name)", slides.places.map(\.components), colour.groups, report.slideShares)
        }
        return "<h2>Slides on their first two components</h2>\n<div class=\"charts\">\n\(maps.joined())</div>\n"
    }

    private var patchMaps: String {
        guard patches.count > 1 else { return "" }
        let groups = patches.map { place in place.cluster.map { "cluster \($0)" } }
        var maps = [scatter("Patches on their components", patches.map(\.components), groups, report.patchShares)]
        let embedded = patches.filter { $0.neighbours != nil }
        if !embedded.isEmpty {
            let places = embedded.compactMap(\.neighbours)
            maps.append(
                scatter("Neighbours (t-SNE)", places, embedded.map { $0.cluster.map { "cluster \($0)" } }, nil)
            )
        }
        return "<h2>Sampled patches</h2>\n<div class=\"charts\">\n\(maps.joined())</div>\n"
            + "<p class=\"note\">\(patches.count) patches of all slides, drawn by a seed. On the map of neighbours, near patches are "
            + "alike; distances between groups mean nothing.</p>\n"
    }

    private func scatter(_ title: String, _ places: [[Double]], _ groups: [String?], _ shares: [Double]?) -> String {
        let (x, y) = (places.map { $0.first ?? 0 }, places.map { $0.count > 1 ? $0[1] : 0 })
        func range(_ values: [Double]) -> ClosedRange<Double> {
            let (low, high) = (values.min() ?? 0, values.max() ?? 1)
            let margin = max((high - low) * 0.05, 1e-9)
            return (low - margin)...(high + margin)
        }
        func label(_ place: Int) -> String {
            guard let shares, shares.indices.contains(place) else { return "" }
            let share = shares[place]
            return "component \(place + 1) (\(HTML.number(100 * share, digits: 0)) %)"
        }
        var chart = SVGChart(title: title, xLabel: label(0), yLabel: label(1), x: range(x), y: range(y))
        let names = Set(groups.compactMap { $0 }).sorted(by: NumericOrder.precedes)
        let entries: [String?] = [nil] + names
        chart.lines = []
        for (place, name) in entries.enumerated() {
            let own = groups.indices.filter { groups[$0] == name }
            guard !own.isEmpty else { continue }
            let colour = name == nil ? "#bbbbbb" : SVGChart.colours[(place - 1) % SVGChart.colours.count]
            chart.dots.append(
                SVGChart.Dots(points: own.map { (x[$0], y[$0]) }, colour: colour, radius: places.count > 500 ? 1.2 : 3)
            )
            // Beyond these, names would cover the map.
            if let name, names.count <= 8 { chart.lines.append(SVGChart.Line(points: [], colour: colour, name: name)) }
        }
        return chart.text
    }

    private var clusters: String {
        guard !report.clusters.isEmpty else { return "" }
        let rows = report.clusters.map { cluster in
            [
                "cluster \(cluster.cluster)", "\(cluster.patches)", "\(cluster.slides)",
                cluster.examples.map { "\($0.slide):\($0.row)" }.joined(separator: ", "),
            ]
        }
        let shown = report.clusters.map { cluster in
            let images = cluster.examples.compactMap { example in
                pictures[Self.picture(example)].map { data in
                    "<img width=\"112\" height=\"112\" alt=\"\(HTML.escaped("\(example.slide), patch \(example.row)"))\" "
                        + "src=\"data:image/jpeg;base64,\(data.base64EncodedString())\">"
                }
            }
            guard !images.isEmpty else { return "" }
            return
                "<figure><div class=\"row\">\(images.joined())</div><figcaption>cluster \(cluster.cluster)</figcaption></figure>\n"
        }
        return "<h2>Clusters of patches</h2>\n"
            + HTML.table(["", "patches", "slides", "nearest to the middle (slide:row)"], rows, class: "words")
            + shown.joined()
    }

    private var notes: String {
        let skipped = report.skipped.map { "column \($0.name) was not looked at: \($0.reason)" }
        let all = report.notes + skipped
        guard !all.isEmpty else { return "" }
        return "<h2>Notes</h2>\n<ul>\n\(all.map { "<li>\(HTML.escaped($0))</li>\n" }.joined())</ul>\n"
    }
}
