import Foundation

/// How long a case was watched, in the cohort's unit of time, and whether what is waited for came at the end of it.
public struct SurvivalTime: Hashable, Codable, Sendable {
    /// Above 0.
    public var time: Double
    /// false: censored; nothing is known of what came later.
    public var isEvent: Bool

    public init(_ time: Double, isEvent: Bool) { (self.time, self.isEvent) = (time, isEvent) }

    enum CodingKeys: String, CodingKey {
        case time
        case isEvent = "event"
    }

    /// As R's `Surv` is printed: `412`, or `412+` where it is censored.
    public var text: String { "\(time)\(isEvent ? "" : "+")" }

    /// Reads what `text` writes; nil for anything else, and for times that are not above 0.
    public init?(text: String) {
        let isEvent = !text.hasSuffix("+")
        guard let time = Double(isEvent ? text : String(text.dropLast())), time > 0, time.isFinite else { return nil }
        self.init(time, isEvent: isEvent)
    }
}
