import Foundation

/// How a value becomes a position on the colour map.
public enum HeatmapScale: Equatable, Sendable {
    /// The same colour means the same value on every slide; values outside the range take the end's colour.
    case absolute(ClosedRange<Double>)
    /// A value's mid-rank among the values of its slide.
    case percentile

    /// For N·attention. 1 is what every patch gets where the model prefers none; 10 is what each patch of a lesion on a
    /// tenth of the tissue gets where the model looks at nothing else. Smaller lesions saturate, which is wanted: beyond
    /// ten times its share a patch is hot, and the range stays fine where most patches are.
    public static let attention = HeatmapScale.absolute(0...10)

    /// Positions of the values: 0...1 on the map; below 0 or above 1 where the value lies outside an absolute range.
    func positions(of values: [Float]) -> [Float] {
        switch self {
        case .absolute(let range):
            let low = Float(range.lowerBound)
            let width = Float(range.upperBound - range.lowerBound)
            return values.map { ($0 - low) / width }
        case .percentile:
            guard values.count > 1 else { return values.map { _ in 0.5 } }
            let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
            var positions = [Float](repeating: 0, count: values.count)
            var start = 0
            while start < order.count {
                var end = start
                while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
                let rank = Float(start + end) / 2 / Float(values.count - 1)
                for index in start...end { positions[order[index]] = rank }
                start = end + 1
            }
            return positions
        }
    }

    /// Numbers for the colour bar, with their positions.
    var ticks: [(position: Double, label: String)] {
        switch self {
        case .percentile:
            return [0, 25, 50, 75, 100].map { (Double($0) / 100, String($0)) }
        case .absolute(let range):
            let width = range.upperBound - range.lowerBound
            guard width > 0 else { return [] }
            let step = RoundNumber.smallest(atLeast: width / 5)
            let first = (range.lowerBound / step).rounded(.up)
            let count = Int(((range.upperBound / step) - first + 1e-9).rounded(.down))
            return (0...count).map { index in
                let value = (first + Double(index)) * step
                let isEnd = abs(value - range.upperBound) < step * 1e-6
                let isStart = abs(value - range.lowerBound) < step * 1e-6 && range.lowerBound > 0
                let text = RoundNumber.text(value)
                return ((value - range.lowerBound) / width, isEnd ? "≥ \(text)" : isStart ? "≤ \(text)" : text)
            }
        }
    }
}

/// 1, 2 and 5 times a power of ten.
enum RoundNumber {
    static func smallest(atLeast value: Double) -> Double {
        let power = pow(10, log10(value).rounded(.down))
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= value * (1 - 1e-9) } ?? 10 * power
    }

    static func largest(atMost value: Double) -> Double {
        let power = pow(10, log10(value).rounded(.down))
        return [5, 2, 1].map { $0 * power }.first { $0 <= value * (1 + 1e-9) } ?? power
    }

    /// Three significant digits.
    static func short(_ value: Float) -> String { String(format: "%.3g", Double(value)) }

    /// Without needless digits: 10, 2.5, 0.02.
    static func text(_ value: Double) -> String {
        let rounded = (value * 1e6).rounded() / 1e6
        return rounded == rounded.rounded() ? String(format: "%.0f", rounded) : String(rounded)
    }
}
