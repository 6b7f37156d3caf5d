/// How much a C rests on.
public struct ConcordanceSupport: Codable, Equatable, Sendable {
    /// Those that are compared with somebody who was observed longer.
    public var events = 0
    public var pairs = 0
    /// As many events of equal weight would tell as much: (Σw)²/Σw² over the weights of the events' pairs (Kish, Survey Sampling, 1965).
    public var effectiveEvents = 0.0

    enum CodingKeys: String, CodingKey {
        case events, pairs
        case effectiveEvents = "effective_events"
    }
}

extension MetricReport {
    /// What a reader of the C that stands for the report should know beside it, in a few words; nil where no survival is asked.
    public var noteOnC: String? {
        guard let support, support.pairs > 0 else { return nil }
        var words = "\(Metric.unoC.title) is of \(support.events) event(s) in \(support.pairs) comparable pairs"
        // Censoring weighs late events most.
        if support.effectiveEvents * 2 < Double(support.events) {
            words += ", which its weights make as good as \(max(1, Int(support.effectiveEvents.rounded()))) event(s)"
        }
        if let uno = self[.unoC]?.value, let harrell = self[.harrellC]?.value, (uno - 0.5) * (harrell - 0.5) < 0 {
            words += "; \(Metric.harrellC.title), \(Metric.harrellC.text(harrell)), is on the other side of 0.5"
        }
        return words
    }
}
