import Records

/// The figure that stands for a whole report where no class is asked; of classes `slide_auc` does.
public struct HeadlineFigure: Codable, Equatable, Sendable {
    /// By its key.
    public var metric: String
    public var value: Double?
    public var interval: [Double]?
    /// What a reader should know beside it; nil where nothing is to be said.
    public var note: String?

    /// nil where classes are asked.
    init?(_ report: MetricReport) {
        guard report.target != .class else { return nil }
        let (metric, estimate) = report.headline
        (self.metric, value, interval) = (metric.key, estimate.value, estimate.interval)
        note = report.noteOnC
    }
}
