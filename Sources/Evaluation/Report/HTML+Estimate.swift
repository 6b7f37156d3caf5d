import Files
import Storage

extension HTML {
    /// A value, and on a line of its own the interval.
    static func estimate(_ estimate: Estimate?, of metric: Metric) -> String {
        guard let estimate, let value = estimate.value else { return "–" }
        func text(_ value: Double) -> String { value.isFinite ? metric.text(value) : "–" }
        guard let interval = estimate.interval else { return text(value) }
        return "\(text(value))\n\(text(interval[0]))–\(text(interval[1]))"
    }
}
