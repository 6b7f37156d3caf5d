import Files
import Storage

extension HTML {
    /// A value, and on a line of its own the interval.
    static func estimate(_ estimate: Estimate?) -> String {
        guard let estimate, estimate.value != nil else { return "–" }
        guard let interval = estimate.interval else { return number(estimate.value) }
        return "\(number(estimate.value))\n\(number(interval[0]))–\(number(interval[1]))"
    }
}
