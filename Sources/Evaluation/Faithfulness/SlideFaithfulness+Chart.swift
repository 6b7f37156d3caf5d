import Messages

extension SlideFaithfulness {
    /// The score of what is left while the map's patches leave, as SVG: the highest first, the lowest first, and at random.
    /// - Parameter map: its name.
    public func chart(_ map: String = mainMap) -> String? {
        guard let curves = measured.byPatch.maps[map] else { return nil }
        let told = [
            ("highest first", curves.most, SVGChart.colours[1]), ("lowest first", curves.least, SVGChart.colours[0]),
        ]
        let scores = (told.map(\.1) + (measured.byPatch.random.map { [$0] } ?? [])).flatMap(\.scores)
        guard let low = scores.min(), let high = scores.max(), low.isFinite, high.isFinite else { return nil }
        let room = max((high - low) * 0.05, 1e-9)
        var chart = SVGChart(
            title: "Patches leave by \(map)",
            xLabel: "share of patches that is gone",
            yLabel: measured.score,
            x: 0...1,
            y: (low - room)...(high + room)
        )
        chart.lines = told.map { name, curve, colour in
            SVGChart.Line(points: Self.points(curve), colour: colour, name: name)
        }
        if let random = measured.byPatch.random {
            chart.lines.append(
                SVGChart.Line(points: Self.points(random), colour: "#777", isDashed: true, name: "at random")
            )
        }
        return chart.text
    }

    private static func points(_ curve: DeletionCurve) -> [(x: Double, y: Double)] {
        zip(curve.removed, curve.scores).map { (x: $0, y: $1) }
    }
}
