import Foundation
import Files
import Records
import Storage

/// A chart with two linear axes, as SVG text: lines, bars from the lower edge, and marks.
struct SVGChart {
    struct Line {
        var points: [(x: Double, y: Double)]
        var colour: String
        var width = 2.0
        var opacity = 1.0
        var isDashed = false
        var hasDots = false
        /// For the legend; nil: not in it.
        var name: String?
    }

    struct Bar {
        var from: Double
        var to: Double
        var height: Double
    }

    /// Places of one colour.
    struct Dots {
        var points: [(x: Double, y: Double)]
        var colour: String
        var radius = 3.0
    }

    /// Said by screen readers, and the chart's heading.
    var title: String
    var xLabel: String
    var yLabel: String
    var x: ClosedRange<Double>
    var y: ClosedRange<Double>
    var bars: [Bar] = []
    var lines: [Line] = []
    var dots: [Dots] = []
    /// Vertical lines, such as at the chosen epoch.
    var marks: [Double] = []
    var width = 340.0
    var height = 300.0

    /// Okabe and Ito's colours, which the colour-blind can tell apart.
    static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C8C00"]

    private let margin = (left: 46.0, right: 10.0, top: 26.0, bottom: 40.0)

    var text: String {
        var parts = [
            "<svg viewBox=\"0 0 \(short(width)) \(short(height))\" role=\"img\" aria-label=\"\(HTML.escaped(title))\">",
            label(title, x: margin.left, y: 16, size: 13, weight: "bold"),
        ]
        parts += axis
        for bar in bars {
            let (left, right, top) = (place(x: bar.from), place(x: bar.to), place(y: bar.height))
            parts.append(
                "<rect x=\"\(short(left))\" y=\"\(short(top))\" width=\"\(short(right - left))\" "
                    + "height=\"\(short(place(y: y.lowerBound) - top))\" fill=\"#d5dde5\"/>"
            )
        }
        for group in dots {
            parts += group.points.map { point in
                "<circle cx=\"\(short(place(x: point.x)))\" cy=\"\(short(place(y: point.y)))\" r=\"\(short(group.radius))\" "
                    + "fill=\"\(group.colour)\" fill-opacity=\"0.75\"/>"
            }
        }
        for mark in marks {
            parts.append(stroke(from: (mark, y.lowerBound), to: (mark, y.upperBound), "#777", dash: "2 3"))
        }
        for line in lines {
            let places = line.points.map { (x: short(place(x: $0.x)), y: short(place(y: $0.y))) }
            if line.hasDots {
                parts += places.map { "<circle cx=\"\($0.x)\" cy=\"\($0.y)\" r=\"3\" fill=\"\(line.colour)\"/>" }
            }
            guard places.count > 1 else { continue }
            let points = places.map { "\($0.x),\($0.y)" }
            parts.append(
                "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(line.colour)\" "
                    + "stroke-width=\"\(short(line.width))\" stroke-opacity=\"\(short(line.opacity))\""
                    + (line.isDashed ? " stroke-dasharray=\"5 4\"" : "") + "/>"
            )
        }
        return (parts + legend + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private var axis: [String] {
        var parts: [String] = []
        for value in Self.ticks(x) {
            parts.append(stroke(from: (value, y.lowerBound), to: (value, y.upperBound), "#e8e8e8"))
            parts.append(label(Self.written(value), x: place(x: value), y: height - 24, anchor: "middle"))
        }
        for value in Self.ticks(y) {
            parts.append(stroke(from: (x.lowerBound, value), to: (x.upperBound, value), "#e8e8e8"))
            parts.append(label(Self.written(value), x: margin.left - 5, y: place(y: value) + 4, anchor: "end"))
        }
        let middle = (margin.left + width - margin.right) / 2
        parts.append(label(xLabel, x: middle, y: height - 8, anchor: "middle"))
        let centre = (margin.top + height - margin.bottom) / 2
        parts.append(
            "<text x=\"11\" y=\"\(short(centre))\" font-size=\"11\" text-anchor=\"middle\" "
                + "transform=\"rotate(-90 11 \(short(centre)))\">\(HTML.escaped(yLabel))</text>"
        )
        return parts
    }

    private var legend: [String] {
        let named = lines.compactMap { line in line.name.map { (name: $0, colour: line.colour, dashed: line.isDashed) }
        }
        return named.enumerated().flatMap { index, entry in
            let y = height - margin.bottom - 10 - Double(named.count - 1 - index) * 15
            let right = width - margin.right - 6
            let dash = entry.dashed ? " stroke-dasharray=\"5 4\"" : ""
            return [
                "<line x1=\"\(short(right - 18))\" y1=\"\(short(y - 4))\" x2=\"\(short(right))\" y2=\"\(short(y - 4))\" "
                    + "stroke=\"\(entry.colour)\" stroke-width=\"2\"\(dash)/>",
                label(entry.name, x: right - 23, y: y, anchor: "end", hasHalo: true),
            ]
        }
    }

    private func place(x value: Double) -> Double {
        let share = (value - x.lowerBound) / max(x.upperBound - x.lowerBound, .leastNonzeroMagnitude)
        return margin.left + min(max(share, 0), 1) * (width - margin.left - margin.right)
    }

    private func place(y value: Double) -> Double {
        let share = (value - y.lowerBound) / max(y.upperBound - y.lowerBound, .leastNonzeroMagnitude)
        return height - margin.bottom - min(max(share, 0), 1) * (height - margin.top - margin.bottom)
    }

    private func stroke(
        from start: (Double, Double),
        to end: (Double, Double),
        _ colour: String,
        dash: String? = nil
    ) -> String {
        "<line x1=\"\(short(place(x: start.0)))\" y1=\"\(short(place(y: start.1)))\" x2=\"\(short(place(x: end.0)))\" "
            + "y2=\"\(short(place(y: end.1)))\" stroke=\"\(colour)\""
            + (dash.map { " stroke-dasharray=\"\($0)\"" } ?? "") + "/>"
    }

    private func label(
        _ text: String,
        x: Double,
        y: Double,
        size: Int = 11,
        anchor: String = "start",
        weight: String = "normal",
        hasHalo: Bool = false
    ) -> String {
        "<text x=\"\(short(x))\" y=\"\(short(y))\" font-size=\"\(size)\" text-anchor=\"\(anchor)\" "
            // White around letters keeps them readable over lines.
            + (hasHalo ? "stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\" " : "")
            + "font-weight=\"\(weight)\">\(HTML.escaped(text))</text>"
    }

    private func short(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(rounded.whole) : String(rounded)
    }

    /// Four to eight round numbers inside a range.
    static func ticks(_ range: ClosedRange<Double>) -> [Double] {
        let span = range.upperBound - range.lowerBound
        guard span > 0, span.isFinite else { return [range.lowerBound] }
        let power = pow(10, (log10(span)).rounded(.down))
        let step = [0.1, 0.2, 0.25, 0.5, 1, 2].map { $0 * power }.first { span / $0 <= 6 } ?? power
        let first = (range.lowerBound / step - 1e-9).rounded(.up)
        let last = (range.upperBound / step + 1e-9).rounded(.down)
        // Of a narrow range of huge numbers there is no tick that a whole number counts.
        guard first <= last, abs(first) < 1e15, abs(last) < 1e15 else { return [range.lowerBound] }
        return (first.whole...last.whole).map { Double($0) * step }
    }

    private static func written(_ value: Double) -> String {
        let text = String(format: "%.4g", value)
        return text == "-0" ? "0" : text
    }
}
