public import Config
import Foundation
public import Messages
import Records

/// What `wsi bench` has measured.
public struct BenchReport: Encodable, Equatable, Sendable {
    /// One of the three races.
    public struct Row: Encodable, Equatable, Sendable {
        public var patches: Int
        public var seconds: Double
        /// What held it up, as a stage says it; nil where nobody worked.
        public var limit: WorkPart?
        /// Share of the workers' time that this took.
        public var limitShare: Double?
        /// Those that computed; nil in a race without an encoder.
        public var devices: [DeviceUse]?

        enum CodingKeys: String, CodingKey {
            case patches, seconds, limit, devices, busy, batch
            case rate = "patches_per_second"
            case limitShare = "limit_share"
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(patches, forKey: .patches)
            try container.encode(seconds, forKey: .seconds)
            try container.encode(rate, forKey: .rate)
            try container.encodeIfPresent(limit, forKey: .limit)
            try container.encodeIfPresent(limitShare, forKey: .limitShare)
            try container.encodeIfPresent(busy, forKey: .busy)
            try container.encodeIfPresent(batch, forKey: .batch)
            try container.encodeIfPresent(devices, forKey: .devices)
        }

        /// Patches a second.
        public var rate: Double { seconds > 0 ? Double(patches) / seconds : 0 }

        /// Of the device that is least busy, 0 to 1.
        public var busy: Double? { devices?.map(\.busy).min() }

        /// Patches of a batch, of the device with the smallest.
        public var batch: Int? { devices?.map(\.batch).min() }

        /// Devices work beside each other, each for its own time.
        init(encoderAlone devices: [DeviceUse]) {
            let rate = devices.reduce(0) { $0 + ($1.seconds > 0 ? Double($1.patches) / $1.seconds : 0) }
            patches = devices.reduce(0) { $0 + $1.patches }
            seconds = rate > 0 ? Double(patches) / rate : 0
            limit = .encode
            self.devices = devices
        }

        /// Encoders are loaded once for thousands of slides: that time is left out.
        init(_ throughput: Throughput) {
            patches = throughput.patches
            seconds = max(0, throughput.seconds - (throughput.loading ?? 0))
            (limit, limitShare) = (throughput.limit?.part, throughput.limit?.share)
            devices = throughput.devices
        }
    }

    public var encoder: String
    public var precision: Precision
    public var cut: PatchCut
    public var workers: Int
    /// Slides that patches were read of.
    public var slides: Int
    public var encoderAlone: Row
    public var reading: Row
    public var endToEnd: Row

    enum CodingKeys: String, CodingKey {
        case encoder, precision, cut, workers, slides, reading
        case encoderAlone = "encoder_alone"
        case endToEnd = "end_to_end"
    }

    /// Hours that a cohort takes, by the rate from slides to features.
    public func hours(slides: Int, patches: Int) -> Double? {
        endToEnd.rate > 0 ? Double(slides) * Double(patches) / endToEnd.rate / 3600 : nil
    }

    /// `12 min`, `3.2 h`, `21 days`
    static func clock(hours: Double) -> String {
        if hours < 1 { return "\(max(1, (hours * 60).whole)) min" }
        if hours < 9.95 { return "\((hours * 10).rounded() / 10) h" }
        return hours < 72 ? "\(hours.whole) h" : "\(Throughput.grouped((hours / 24).whole)) days"
    }

    /// `vit-l16 in bf16; 2 workers, 4 slides, patches of 224 px at 0.5 µm`
    public var head: String {
        "\(encoder) in \(precision.rawValue); \(workers) worker\(workers == 1 ? "" : "s"), "
            + "\(Throughput.grouped(slides)) slide\(slides == 1 ? "" : "s"), "
            + "patches of \(cut.side) px at \(cut.mpp) µm"
    }

    /// Rows of cells, the first of which are their names.
    public var table: [[String]] {
        let rows = [("encoder alone", encoderAlone), ("reading alone", reading), ("end to end", endToEnd)]
        let names = ["", "patches", "patches/s", "device", "busy", "batch", "limit"]
        return [names] + rows.map { name, row in [name] + Self.cells(row) }
    }

    /// `1,000 slides of 10,000 patches: 3.2 h`
    public var forecast: String? {
        hours(slides: 1000, patches: 10_000).map { "1,000 slides of 10,000 patches: \(Self.clock(hours: $0))" }
    }

    private static func cells(_ row: Row) -> [String] {
        func joined(_ text: (DeviceUse) -> String) -> String {
            guard let devices = row.devices, !devices.isEmpty else { return "–" }
            return devices.map(text).joined(separator: ", ")
        }
        let share = row.limitShare.map { " (\(Throughput.percent($0)) of the workers' time)" } ?? ""
        return [
            Throughput.grouped(row.patches),
            row.rate < 10 ? "\((row.rate * 10).rounded() / 10)" : Throughput.grouped(row.rate.whole),
            joined(\.name), joined { Throughput.percent($0.busy) }, joined { "\($0.batch)" },
            row.limit.map { $0.name + share } ?? "–",
        ]
    }
}
