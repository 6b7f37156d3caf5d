import Files
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
        /// Results whose files are not what was written, or whose upstream has changed since; the next run makes them again or
        /// asks for `--redo`.
        public var stale: [SlideID] = []
        /// Why, and what to do.
        public var staleReasons: [StaleReason] = []
        /// What is to be known of results that stand: levels that were not used, another scale that was gone on with.
        public var notes: [Note] = []
        /// Slides that the stage before has brought this far and that have no outcome here; of a training, folds that its last run did not
        /// come to.
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

    public struct StaleReason: Codable, Equatable, Sendable {
        public var slides: [SlideID]
        /// `fold_0 changed since; run wsi predict JOB --model m --redo`
        public var message: String
    }

    public struct Note: Codable, Equatable, Sendable {
        public var slides: [SlideID]
        /// Of the first of these slides; the others' differs in its numbers at most.
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

    /// The thousands of values that a status is made of. Whoever ends with it keeps them, and need not wait until each is freed.
    public final class Basis {
        fileprivate var lineages: [Lineage] = []

        public init() {}
    }

    public var stages: [Stage]
    /// Records of runs that cannot be read and are passed over: one line; nil where all can.
    public var leftOut: String?
    /// That results were made with several versions of OpenSlide: one line; nil where they were not.
    public var openSlides: String?

    /// - Parameters:
    ///   - digests: whether the content of files is compared too, not only that they are there with their size.
    ///   - basis: takes what the status is made of.
    /// - Throws: `StorageError` for an outcome that cannot be read.
    public init(of layout: JobLayout, digests: Bool = false, basis: Basis = Basis()) throws {
        var versions = OpenSlideVersions()
        let (records, unreadable) = try RunRecord.read(in: layout)
        stages = try Self.stages(of: layout, records, digests ? .digest : .size, basis, &versions)
        if !unreadable.isEmpty {
            leftOut =
                "\(unreadable.count) record(s) of runs in audit/runs cannot be read and are left out: \(unreadable.shortened)"
        }
        let finer = try FolderWalk.names(in: layout.folder(.finer))
        for name in finer.sorted() where !name.hasPrefix(".") {
            let finer = layout.finer(name)
            let records = try RunRecord.all(in: finer)
            stages += try Self.stages(of: finer, records, digests ? .digest : .size, basis, &versions).map { stage in
                var stage = stage
                stage.name = "\(JobLayout.Folder.finer.rawValue)/\(name)/\(stage.name)"
                return stage
            }
        }
        openSlides = versions.mixture
    }

    private static func stages(
        of layout: JobLayout,
        _ records: [RunRecord],
        _ scrutiny: Scrutiny,
        _ basis: Basis,
        _ versions: inout OpenSlideVersions
    ) throws -> [Stage] {
        let isQuick = if case .size = scrutiny { true } else { false }
        let lineage = Lineage(layout, scrutiny, outputs: isQuick)
        basis.lineages.append(lineage)
        let all = Set(try Lineage.stages(in: layout)).union(records.flatMap(\.stages))
        let names = all.sorted { (Self.rank($0), $0) < (Self.rank($1), $1) }
        lineage.readAhead(names)
        return try names.map { name in
            var stage = Stage(name: name.text)
            let known = try lineage.outcomes(name)
            let outcomes = known.all
            for outcome in outcomes {
                stage.count(outcome)
                versions.add(outcome)
            }
            let stale = try Staleness(of: known, in: name, lineage, scrutiny)
            (stage.stale, stage.staleReasons) = (stale.units, stale.reasons)
            stage.reasons = Self.reasons(outcomes)
            stage.empties = Self.empties(outcomes)
            stage.notes = Self.notes(outcomes)
            // Of shards beside each other the one that runs counts.
            let own = records.filter { $0.stages.contains(name) }
            if let record = own.last(where: { $0.activity == .running }) ?? own.last {
                stage.activity = record.activity
                stage.lastRun = Run(record)
            }
            stage.waiting = try Self.waiting(for: name, known, own, lineage)
            return stage
        }
    }

    /// Pictures beside the sheet, reports and metrics come last.
    private static func rank(_ stage: StageName) -> Int {
        let order = StageName.Kind.allCases
        guard let kind = stage.kind, stage.output == nil, kind.unit != .training else { return order.count }
        return order.firstIndex(of: kind) ?? order.count
    }

    /// Slides with patches that have not come to a stage of features, and folds that the last run of a training had before it and did
    /// not come to.
    private static func waiting(
        for stage: StageName,
        _ known: KnownOutcomes,
        _ runs: [RunRecord],
        _ lineage: Lineage
    ) throws -> Int {
        switch stage.kind {
        case .features: return try lineage.outcomes(StageName.tile).all.count { $0.hasResult && known[$0.unit] == nil }
        case .train:
            guard let last = runs.last, let began = try? Date(last.began, strategy: .iso8601) else { return 0 }
            let since = known.all.count { outcome in
                let written = FileFacts(lineage.layout.outcome(stage: stage, outcome.unit).path)?.written ?? 0
                return Double(written) / 1e9 >= began.timeIntervalSince1970
            }
            return max(0, last.units - since)
        default: return 0
        }
    }

    private static func empties(_ outcomes: [OutcomeBrief]) -> [Empty] {
        var units = EmptyUnits()
        for outcome in outcomes where outcome.status == .empty { units.add(outcome.unit, outcome.emptyReason) }
        return units.reasons
    }

    private static func notes(_ outcomes: [OutcomeBrief]) -> [Note] {
        let said = outcomes.filter { $0.accepted != nil || $0.notes != nil }.flatMap { outcome in
            ((outcome.accepted.map { [$0.words] } ?? []) + (outcome.notes ?? [])).map { (outcome.slide, $0) }
        }
        return Dictionary(grouping: said) { $0.1.replacing(/[0-9][0-9.,]*/, with: "#") }.values
            .map { Note(slides: $0.map(\.0), message: $0[0].1) }
            .sorted { ($1.slides.count, $0.message) < ($0.slides.count, $1.message) }
    }

    private static func reasons(_ outcomes: [OutcomeBrief]) -> [Reason] {
        let failed = outcomes.filter { !$0.hasResult }
        let byCode = Dictionary(grouping: failed) { $0.failure?.code ?? .bug }
        return byCode.map { code, outcomes in
            Reason(code: code, slides: outcomes.map(\.slide), message: outcomes.first?.failure?.message ?? "")
        }
        .sorted { ($1.slides.count, $0.code.rawValue) < ($0.slides.count, $1.code.rawValue) }
    }
}

extension JobStatus.Stage {
    fileprivate mutating func count(_ outcome: OutcomeBrief) {
        switch outcome.status {
        case .ok: ok += 1
        case .empty: empty += 1
        case .failed, .refused: failed += 1
        }
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

/// The results of a stage that are not what they were, or no longer follow from what they were made of.
private struct Staleness {
    private(set) var units: [SlideID] = []
    private(set) var reasons: [JobStatus.StaleReason] = []

    init(of known: KnownOutcomes, in stage: StageName, _ lineage: Lineage, _ scrutiny: Scrutiny) throws {
        let layout = lineage.layout
        let damages = try known.all.concurrentMap { brief in
            guard brief.hasResult, !brief.isThere else { return Damage?.none }
            // Another process may be at work: what is on record by now is what files are compared with.
            let outcome: Outcome
            do { outcome = try Outcome.read(layout.outcome(stage: stage, brief.unit)) } catch let error as StorageError
                where error.code == .notFound
            { return nil }
            return try outcome.damage(in: layout, scrutiny)
        }
        for (place, damage) in damages.enumerated() where known.all[place].hasResult {
            let outcome = known.all[place]
            if let damage {
                add(outcome.unit, "\(damage.kind.word); run \(try lineage.command(of: outcome.stage))")
            } else if let (changes, remedy) = try Self.changes(known, place, lineage), !changes.isEmpty {
                add(outcome.unit, "\(changes); \(remedy)")
            }
        }
    }

    private static func changes(
        _ known: KnownOutcomes,
        _ place: Int,
        _ lineage: Lineage
    ) throws -> (String, String)? {
        do {
            let changes = try known.changes(at: place) { try lineage.changes(of: $0) }
            if changes.isEmpty { return nil }
            let outcome = known.all[place]
            return ("\(changes.joined(separator: ", ")) changed since", try lineage.remedy(for: outcome, changes))
        } catch let failure as Failure where failure.code == .digest {
            return ("cannot be compared with its training", failure.message)
        }
    }

    private mutating func add(_ unit: UnitID, _ message: String) {
        units.append(unit.slide)
        if let place = reasons.firstIndex(where: { $0.message == message }) {
            reasons[place].slides.append(unit.slide)
        } else {
            reasons.append(JobStatus.StaleReason(slides: [unit.slide], message: message))
        }
    }
}

extension Damage.Kind {
    fileprivate var word: String {
        switch self {
        case .gone: "a file is gone"
        case .size: "a file has another size"
        case .content: "a file is not what was written"
        case .unreadable: "a file cannot be read"
        }
    }
}
