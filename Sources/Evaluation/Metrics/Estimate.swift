/// A metric with its confidence interval; a value that is not defined is null, with the reason beside it.
public struct Estimate: Codable, Equatable, Sendable {
    /// Where an interval comes from.
    public enum Method: String, Codable, Sendable {
        case bootstrap, delong
        /// Cases are resampled, and the seeds of an ensemble.
        case bootstrapOverSeeds = "bootstrap_over_seeds"
    }

    public var value: Double?
    /// Bounds of the interval, lower and upper.
    public var interval: [Double]?
    public var method: Method?
    /// Why `value` or `interval` is missing, or says too little.
    public var reason: String?

    public init(value: Double? = nil, interval: [Double]? = nil, method: Method? = nil, reason: String? = nil) {
        (self.value, self.interval, self.method, self.reason) = (value, interval, method, reason)
    }

    /// The same with DeLong's interval in place of its own, where there is one.
    func with(deLong: [Double]?) -> Estimate {
        deLong.map { Estimate(value: value, interval: $0, method: .delong) } ?? self
    }

    enum CodingKeys: String, CodingKey { case value, interval, method, reason }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(value, forKey: .value)
        try container.encode(interval, forKey: .interval)
        try container.encodeIfPresent(method, forKey: .method)
        try container.encodeIfPresent(reason, forKey: .reason)
    }
}
