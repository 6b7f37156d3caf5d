import Foundation
public import Messages
import Records

/// What a worker spends its time on.
public enum WorkPart: String, Codable, CaseIterable, Sendable {
    /// Opening the slide and reading its pixels.
    case decode
    /// From pixels to patches, masks and pictures: resampling, tissue, drawing.
    case transform
    /// From patches to features, or waiting for the process that computes them.
    case encode
    /// Files and their digests.
    case write
    /// Steps of a training, and its model's answers.
    case learn
    /// Plain models of mean features beside it.
    case baselines
    /// Starting the process and ending it.
    case start
    /// Tries that ended in a crash or a timeout.
    case lost

    /// As people read it.
    var name: String { self == .lost ? "crashes and timeouts" : rawValue }
}

/// Seconds by part; sums over the workers of a run.
public struct WorkTimes: Codable, Equatable, Sendable {
    public private(set) var seconds: [WorkPart: Double] = [:]

    public init() {}

    public init(from decoder: any Decoder) throws {
        let named = try decoder.singleValueContainer().decode([String: Double].self)
        for (name, value) in named { seconds[WorkPart(rawValue: name) ?? .lost, default: 0] += value }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Dictionary(uniqueKeysWithValues: seconds.map { ($0.rawValue, $1) }))
    }

    public mutating func add(_ time: Duration, to part: WorkPart) { seconds[part, default: 0] += time / .seconds(1) }

    public mutating func add(_ other: WorkTimes) { seconds.merge(other.seconds, uniquingKeysWith: +) }

    public var total: Double { seconds.values.reduce(0, +) }

    /// The parts with their share of the whole, the greatest first.
    public var shares: [(part: WorkPart, share: Double)] {
        guard total > 0 else { return [] }
        let all = WorkPart.allCases.map { ($0, (seconds[$0] ?? 0) / total) }
        return all.sorted { $0.1 > $1.1 }
    }
}

/// Tells the time between one call and the next.
public struct Stopwatch: Sendable {
    private var last = ContinuousClock.now

    public init() {}

    public mutating func lap() -> Duration {
        let now = ContinuousClock.now
        defer { last = now }
        return now - last
    }
}

/// How fast a run of a stage was, and what held it up.
public struct Throughput: Codable, Equatable, Sendable {
    /// Units that were worked on, also those that failed.
    public var units = 0
    /// 0 in stages that count none.
    public var patches = 0
    /// From the first to the last.
    public var seconds = 0.0
    /// Of all workers together.
    public var times = WorkTimes()
    /// Resident bytes of the largest worker.
    public var peakMemory = 0
    /// Of the seconds, those until the encoders were loaded; nil where there was none to load.
    public var loading: Double?
    /// Those that encoders computed on, by their last process; nil where none did.
    public var devices: [DeviceUse]?

    public init() {}

    /// What the workers spent most of their time on; nil where nobody worked.
    public var limit: (part: WorkPart, share: Double)? { times.shares.first }

    /// `7,580 patches in 6.1 s: 1,242 patches/s; decode limits (62 % of the workers' time, then encode 30 %, write 5 %);
    /// cuda:0 busy 28 %, 9 % of its rows padding`
    public func text(of noun: String) -> String {
        let (count, what) = patches > 0 ? (patches, "patches") : (units, units == 1 ? noun : noun + "s")
        let rate = Double(count) / max(seconds, 0.001)
        func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
        let unit = patches > 0 ? "patch" : noun
        let shown =
            rate < 1
            ? "\(tenths(1 / max(rate, 1e-6))) s per \(unit)"
            : "\(rate < 10 ? tenths(rate) : Self.grouped(rate.whole)) \(patches > 0 ? "patches" : noun + "s")/s"
        let pace = "\(Self.grouped(count)) \(what) in \(tenths(seconds)) s: \(shown)"
        let shares = times.shares.filter { $0.share >= 0.005 }
        guard let first = shares.first else { return pace }
        let percent = Self.percent
        let rest = shares.dropFirst().map { "\($0.part.name) \(percent($0.share))" }
        let others = rest.isEmpty ? "" : ", then " + rest.joined(separator: ", ")
        let busy = (devices ?? []).map { device in
            let padding = device.paddingShare
            // Below that it rounds to nothing.
            let shown = padding >= 0.01 ? ", \(percent(padding)) of its rows padding" : ""
            return "; \(device.name) busy \(percent(device.busy))\(shown)"
        }.joined()
        return "\(pace); \(first.part.name) limits (\(percent(first.share)) of the workers' time\(others))\(busy)"
    }

    /// `97 %`
    static func percent(_ share: Double) -> String { "\((share * 100).whole) %" }

    /// `0.8 s`, `12 s`, `3:07`, `1:02:03`
    public static func clock(_ seconds: Double) -> String {
        if seconds < 9.95 { return String(format: "%.1f s", seconds) }
        let whole = seconds.whole
        if whole < 60 { return "\(whole) s" }
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        let tail = (rest < 10 ? "0" : "") + "\(rest)"
        return hours == 0 ? "\(minutes):\(tail)" : "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(tail)"
    }

    /// `1,234,567`
    public static func grouped(_ number: Int) -> String {
        var (digits, text) = (String(number), "")
        while digits.count > 3 {
            text = ",\(digits.suffix(3))\(text)"
            digits.removeLast(3)
        }
        return digits + text
    }
}
