/// Estimates by metric; in files under the metrics' keys.
public struct MetricFigures: Codable, Equatable, Sendable {
    private var estimates: [Metric: Estimate]

    /// nil where it is not a figure of this sample.
    public subscript(_ metric: Metric) -> Estimate? { estimates[metric] }

    init(_ estimates: [Metric: Estimate]) { self.estimates = estimates }

    /// A metric that the file does not have is one that the version that wrote it did not have.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Metric.self)
        estimates = [:]
        for metric in Metric.allCases {
            estimates[metric] = try container.decodeIfPresent(Estimate.self, forKey: metric)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Metric.self)
        for (metric, estimate) in estimates { try container.encode(estimate, forKey: metric) }
    }
}
