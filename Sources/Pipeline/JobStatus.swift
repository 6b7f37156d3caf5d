import Foundation
public import Records
import Storage

/// `wsi status`: what stands in a job folder, stage by stage. Reads outcomes and the records of runs, and writes nothing.
public struct JobStatus: Codable, Equatable, Sendable {
    public struct Stage: Codable, Equatable, Sendable {
        public var name: String
        public var ok = 0
        /// Slides without tissue, and what follows from them.
        public var empty = 0
        public var failed = 0
        /// Why slides are empty.
        public var empties: [Empty] = []
        /// Results whose files are gone or whose upstream has changed since; the next run makes them again or asks for `--redo`.
        public var stale: [SlideID] = []
        /// Slides that the stage before has brought this far and that have no outcome here.
        public var waiting = 0
        /// Why units failed, the most frequent reason first.
        public var reasons: [Reason] = []
        public var activity = Activity.idle
        /// The newest run that did any work, before all one that is going on.
        public var lastRun: Run?
    }

    public enum Activity: String, Codable, Sendable {
        case idle, running
        /// Begun, and its process is gone.
        case interrupted
        /// Begun on another host and not ended; from here nobody knows whether its process lives.
        case elsewhere
    }

    public typealias Empty = EmptyUnits.Reason

    public struct Reason: Codable, Equatable, Sendable {
        public var code: ErrorCode
        public var slides: [SlideID]
        /// Of the first of these slides.
        public var message: String
    }

    public struct Run: Codable, Equatable, Sendable {
        public var began: String
        public var ended: String?
        public var host: String
        public var process: Int32
        public var workers: Int
        public var units: Int
        public var throughput: Throughput?
    }

    public var stages: [Stage]

    /// - Throws: `StorageError` for an outcome that cannot be read.
    public init(of layout: JobLayout) throws {
        let records = RunRecord.all(in: layout)
        var outcomes: [String: [Outcome]] = [:]
        for name in Self.stageNames(in: layout) {
            outcomes[name] = try Pipeline.Stage.outcomes(stage: name, in: layout)
        }
        for name in records.flatMap(\.stages) where outcomes[name] == nil { outcomes[name] = [] }
        let upstream = try Upstream(outcomes, layout)
        stages = try outcomes.map { name, outcomes in
            var stage = Stage(name: name)
            for outcome in outcomes { try stage.count(outcome, upstream) }
            stage.reasons = Self.reasons(outcomes)
            stage.empties = Self.empties(outcomes)
            stage.waiting = upstream.waiting(for: name, outcomes)
            // Of shards beside each other the one that runs counts.
            let own = records.filter { $0.stages.contains(name) }
            if let record = own.last(where: { $0.activity == .running }) ?? own.last {
                stage.activity = record.activity
                stage.lastRun = Run(record)
            }
            return stage
        }
        .sorted { (Self.rank($0.name), $0.name) < (Self.rank($1.name), $1.name) }
    }

    private static func rank(_ name: String) -> Int {
        let order = [TileStage.name, "features_", "train_", "predict_", "heatmap_"]
        return order.firstIndex(where: name.hasPrefix) ?? order.count
    }

    /// Every folder below `outcomes` that holds outcomes; a training of several seeds has some inside its own.
    private static func stageNames(in layout: JobLayout) -> Set<String> {
        let root = layout.root.appending(path: "outcomes")
        let walker = FileManager.default.enumerator(atPath: root.path)
        let files = (walker?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".json") }
        return Set(files.map { ($0 as NSString).deletingLastPathComponent }).subtracting([""])
    }

    private static func empties(_ outcomes: [Outcome]) -> [Empty] {
        var units = EmptyUnits()
        for outcome in outcomes where outcome.status == .empty { units.add(outcome) }
        return units.reasons
    }

    private static func reasons(_ outcomes: [Outcome]) -> [Reason] {
        let failed = outcomes.filter { !$0.hasResult }
        let byCode = Dictionary(grouping: failed) { $0.failure?.code ?? .bug }
        return byCode.map { code, outcomes in
            Reason(code: code, slides: outcomes.map(\.unit), message: outcomes.first?.failure?.message ?? "")
        }
        .sorted { ($1.slides.count, $0.code.rawValue) < ($0.slides.count, $1.code.rawValue) }
    }
}

extension JobStatus.Stage {
    fileprivate mutating func count(_ outcome: Outcome, _ upstream: Upstream) throws {
        switch outcome.status {
        case .ok: ok += 1
        case .empty: empty += 1
        case .failed, .refused: failed += 1
        }
        if outcome.hasResult, try upstream.isStale(outcome) { stale.append(outcome.unit) }
    }
}

extension JobStatus.Run {
    fileprivate init(_ record: RunRecord) {
        self.init(
            began: record.began,
            ended: record.ended,
            host: record.process.host,
            process: record.process.number,
            workers: record.workers,
            units: record.units,
            throughput: record.throughput
        )
    }
}

extension RunRecord {
    fileprivate var activity: JobStatus.Activity {
        if ended != nil { return .idle }
        return process.isAlive.map { $0 ? .running : .interrupted } ?? .elsewhere
    }
}

/// The versions of what each stage has made, to tell whether later results still follow from it.
private struct Upstream {
    private let layout: JobLayout
    private var versions: [String: [SlideID: String]] = [:]
    /// Predictions whose bag is one slide with features of this job, by the stage of those.
    private var features: [String: String] = [:]

    init(_ outcomes: [String: [Outcome]], _ layout: JobLayout) throws {
        self.layout = layout
        for (name, outcomes) in outcomes {
            let made = outcomes.filter(\.hasResult)
            versions[name] = Dictionary(uniqueKeysWithValues: try made.map { ($0.unit, try $0.version()) })
            guard name.hasPrefix("predict_") else { continue }
            let model = layout.training.appending(path: String(name.dropFirst("predict_".count)))
            guard let study = try? TrainedStudy.read(model), study.cases == nil, study.config.features.path == nil
            else { continue }
            features[name] = FeatureStage.name(encoder: study.encoder.name)
        }
    }

    /// Whether a file of the result is gone or what it was made from is no more; slides themselves are not looked at.
    func isStale(_ outcome: Outcome) throws -> Bool {
        let files = outcome.outputs.keys.map { layout.root.appending(path: $0).path }
        guard files.allSatisfy(FileManager.default.fileExists(atPath:)) else { return true }
        let inputs = outcome.fingerprint.inputs
        switch outcome.fingerprint.stage {
        case "features": return inputs["patches"] != versions[TileStage.name]?[outcome.unit]
        case "predict":
            guard let stage = features[outcome.stage] else { return false }
            return inputs["features"] != versions[stage]?[outcome.unit]
        case "heatmap":
            return try !predictions(of: outcome.unit).contains(inputs["prediction"] ?? "")
        default: return false
        }
    }

    /// The versions of all predictions of a slide, those of several seeds also as one (`HeatmapStage`).
    private func predictions(of slide: SlideID) throws -> [String] {
        let stages = versions.keys.filter { $0.hasPrefix("predict_") }
        let seeds = Dictionary(grouping: stages.filter { $0.contains("/seed_") }) { $0.prefix { $0 != "/" } }.values
        let ordered = seeds.map { $0.sorted { $0.compare($1, options: .numeric) == .orderedAscending } }
        return try stages.compactMap { versions[$0]?[slide] }
            + ordered.map { try CanonicalJSON.fingerprint($0.compactMap { versions[$0]?[slide] }) }
    }

    func waiting(for stage: String, _ outcomes: [Outcome]) -> Int {
        guard stage.hasPrefix("features_"), let tiled = versions[TileStage.name] else { return 0 }
        return Set(tiled.keys).subtracting(outcomes.map(\.unit)).count
    }
}
