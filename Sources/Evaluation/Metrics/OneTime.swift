extension MetricReport.OneTime {
    private static let metrics: [Metric] = [.areaAtTime, .brierAtTime]

    /// The metric's key and the time.
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ metric: Metric, _ time: Double) { stringValue = "\(metric.key)_\(time)" }

        init?(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }

        /// Of a metric; nil for another key.
        func time(of metric: Metric) -> Double? {
            let prefix = "\(metric.key)_"
            return stringValue.hasPrefix(prefix) ? Double(stringValue.dropFirst(prefix.count)) : nil
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for metric in Self.metrics { try container.encodeIfPresent(self[metric], forKey: Key(metric, time)) }
    }

    /// All that an object has, by time.
    static func all(from decoder: any Decoder) throws -> [MetricReport.OneTime] {
        let container = try decoder.container(keyedBy: Key.self)
        var found: [Double: [Metric: Estimate]] = [:]
        for key in container.allKeys {
            for metric in metrics {
                guard let time = key.time(of: metric) else { continue }
                found[time, default: [:]][metric] = try container.decode(Estimate.self, forKey: key)
            }
        }
        return found.sorted { $0.key < $1.key }.map { Self(time: $0, figures: MetricFigures($1)) }
    }
}
