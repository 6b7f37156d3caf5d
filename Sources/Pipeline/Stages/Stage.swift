import Files
import Foundation
public import Records
import Storage

/// Decides which units of a stage are done, and records what becomes of the others.
struct Stage: Sendable {
    /// The folder of its outcomes: `tile`, `features_he-texture-v1`, `train_acmil`, …
    var name: StageName
    var layout: JobLayout
    var settings: WorkSettings
    /// Where results of another configuration could stand beside those that are there; nil: nowhere.
    var elsewhere: String?
    /// What is said to do about results of another configuration, of a command that makes none itself; nil: `--redo`.
    var remedy: String?
    /// With what all of its units are made, where that is more than what their fingerprints have in common: processes with
    /// others do not work on it at once.
    var common: [String: String]?

    struct Unit: Sendable {
        var id: UnitID
        var fingerprint: Fingerprint
        /// Path of the HDF5 file that the unit's result is; nil for other results.
        var file: String?
        /// Why its inputs could not be looked at, for a fault of the machine: its fingerprint says nothing then.
        var fault: Failure?
    }

    struct Plan: Sendable {
        var done: [Outcome] = []
        var waiting: [Unit] = []
        /// Units whose inputs cannot be used, done or not: nothing of them is touched.
        var refused: [Refusal] = []
        /// Units whose inputs are out of date in a run that has already made again what it could.
        var leftOut: [Refusal] = []
        /// Units of which the machine did not give what they are decided by; what stands of them stands.
        var faults: [Fault] = []
        /// How the results were made that stand under waiting units.
        var before: [UnitID: Fingerprint] = [:]
        /// While it is held nobody works on the stage with another configuration; nil where nothing is made.
        var turn: Turn?
        var units: Int { done.count + waiting.count }

        struct Fault: Sendable {
            var unit: Unit
            var failure: Failure
        }
    }

    /// - Parameters:
    ///   - units: those that are not selected are left out.
    ///   - refusal: says why what a unit reads cannot be used; asked of selected units only, and of those that are to be made
    ///     once more with every byte compared: they are read anyway.
    /// - Throws: `Failure` with `.fingerprint` (exit 4) where outputs of another configuration are in the way.
    func plan(_ units: [Unit], refusal: (Unit, Scrutiny) throws -> Refusal? = { _, _ in nil }) throws -> Plan {
        var plan = Plan()
        var conflicts: [Conflict] = []
        for (unit, finding) in try findings(units, refusal) {
            switch finding {
            case .fault, .refused: plan.leaveOut(unit, finding, settings)
            case .done(let outcome): plan.done.append(outcome)
            case .inputsChanged(let cause) where !settings.redo && !settings.redoChangedInputs,
                .otherConfiguration(let cause) where !settings.redo:
                conflicts.append(Conflict(unit: unit.id, cause: cause))
            case .missing, .inputsChanged, .otherConfiguration:
                let finding = try asked(unit) { try refusal(unit, .digest).map { .refused($0) } ?? .missing }
                if case .missing = finding { plan.waiting.append(unit) } else { plan.leaveOut(unit, finding, settings) }
            }
        }
        if let failure = Conflict.failure(conflicts, in: self) { throw failure }
        for unit in plan.waiting {
            let standing = try Self.outcome(of: unit.id, stage: name, in: layout)
            if let standing, !standing.outputs.isEmpty { plan.before[unit.id] = standing.fingerprint }
        }
        return plan
    }

    /// Lets `work` bring the waiting units to an end; it hands each outcome to its argument, which records it at once.
    /// - Parameter leftOut: what could not become units, for the report.
    func run(
        _ plan: Plan,
        leftOut: [LeftOutFiles] = [],
        progress: @escaping ProgressSink,
        work: ([Unit], (Outcome) throws -> Void) async throws -> Void
    ) async throws -> StageResult {
        var ledger = Ledger(self, plan, leftOut: leftOut)
        plan.tellRefusals(of: name, progress)
        progress(.began(stage: name.text, units: plan.units, done: plan.done.count))
        try ledger.record(plan.faults, progress)
        for files in leftOut { progress(.refused(files.failure)) }
        if !plan.waiting.isEmpty {
            do { try await work(plan.waiting) { try ledger.record($0, progress) } } catch is TimeIsUp {
                let left = plan.waiting.count - ledger.ended
                throw TimeIsUp.failure(name.text, left: left, of: plan.units, StageReport(stage: name).noun)
            }
        }
        return try ledger.end(progress)
    }

    /// Makes the only unit of a stage, whatever stands there: what follows in seconds from what there is now.
    /// - Parameter work: gives the files that it has written.
    func makeAnew(_ unit: Unit, _ work: () throws -> [URL]) async throws {
        var stage = self
        stage.settings.redo = true
        let plan = try stage.plan([unit])
        _ = try await stage.run(plan, progress: { _ in }) { waiting, record in
            for unit in waiting {
                let files = try work()
                var outcome = Outcome(unit: unit.id, stage: name, status: .ok, fingerprint: unit.fingerprint)
                try outcome.record(files, in: layout)
                try record(outcome)
            }
        }
    }

    /// What each unit needs for its work; a unit without it fails alone.
    func prepare<Need>(
        _ units: [Unit],
        _ record: (Outcome) throws -> Void,
        need: (Unit) throws -> Need
    ) throws -> [(unit: Unit, need: Need)] {
        var ready: [(unit: Unit, need: Need)] = []
        for unit in units {
            do { ready.append((unit, try need(unit))) } catch let failure as Failure {
                try record(
                    Outcome(
                        unit: unit.id,
                        stage: name,
                        status: .failed,
                        failure: failure,
                        fingerprint: unit.fingerprint
                    )
                )
            }
        }
        return ready
    }

    /// Results that were compared before are compared again where they were touched since, and all with `--redo`.
    var touched: Scrutiny { .touched(settings.seen, in: layout) }

    /// The recorded outcome, or nil where there is none, or a damaged one.
    static func outcome(of unit: UnitID, stage: StageName, in layout: JobLayout) throws -> Outcome? {
        try layout.record(of: unit, stage: stage)
    }

    /// Every outcome of a stage, sorted by unit. Thousands of small files are read beside each other.
    /// - Throws: `StorageError` where one cannot be read: none is passed over.
    static func outcomes(stage: StageName, in layout: JobLayout) throws -> [Outcome] {
        try outcomes(stage: stage, in: layout) { $0 }.sorted { $0.unit < $1.unit }
    }

    /// What `part` takes of every outcome, in the order of their files' names: kept whole, thousands of them fill much memory.
    static func outcomes<Part: Sendable>(
        stage: StageName,
        in layout: JobLayout,
        _ part: @Sendable (Outcome) -> Part
    ) throws -> [Part] {
        let folder = OutcomeFolder(layout.outcomes(stage: stage))
        return try records(stage, in: layout) { name in
            let outcome = try folder.outcome(named: name)
            return (outcome.unit, part(outcome))
        }
    }

    /// What `read` takes of each record, by the name of its file, in the order of the names; it also says whose record it is.
    static func records<Part: Sendable>(
        _ stage: StageName,
        in layout: JobLayout,
        _ read: @Sendable (String) throws -> (unit: UnitID, part: Part)
    ) throws -> [Part] {
        let folder = layout.outcomes(stage: stage)
        return try names(stage, in: layout).sorted().concurrentMap { name -> Part? in
            do {
                let (unit, part) = try read(name)
                guard unit.fileName == name else {
                    let path = folder.appending(path: name).path
                    throw StorageError.malformed(path: path, reason: "not the outcome of the unit in its name")
                }
                return part
            } catch StorageError.malformed(let path, let reason) {
                let remedy = "remove it and run \(layout.command(of: stage))"
                throw StorageError.malformed(path: path, reason: "\(reason); \(remedy)")
            } catch let error as StorageError where error.code == .notFound {
                // Another process has taken it away since the folder was listed.
                return nil
            }
        }
        .compactMap(\.self)
    }

    /// Whether there are any, which are not read.
    static func hasOutcomes(stage: StageName, in layout: JobLayout) throws -> Bool {
        try !names(stage, in: layout).isEmpty
    }

    private static func names(_ stage: StageName, in layout: JobLayout) throws -> [String] {
        let names = try FolderWalk.names(in: layout.outcomes(stage: stage))
        return distinct(names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") })
    }

    /// A copy from another system may have brought a name in another form of its letters, which is the same name: the one that this
    /// program has written counts.
    private static func distinct(_ names: [String]) -> [String] {
        guard !names.allSatisfy({ $0.utf8.allSatisfy { $0 < 0x80 } }) else { return names }
        func isWritten(_ name: String) -> Bool {
            name.utf8.elementsEqual(name.precomposedStringWithCanonicalMapping.utf8)
        }
        let written = names.filter(isWritten)
        var known = Set(written)
        return written + names.sorted().filter { !isWritten($0) && known.insert($0).inserted }
    }
}

/// What a stage leaves: the count of its outcomes and the outcomes, sorted by unit.
public struct StageResult: Sendable {
    public var report: StageReport
    public var outcomes: [Outcome]
}

extension Outcome {
    public var hasResult: Bool { status.hasResult }
}

extension Outcome.Status {
    var hasResult: Bool { self == .ok || self == .empty }
}

extension Stage.Plan {
    /// One line for each reason.
    func tellRefusals(of stage: StageName, _ progress: ProgressSink) {
        for failure in Refusal.failures(refused) { progress(.refused(failure)) }
        if let failure = Refusal.failure(leftOut) {
            progress(
                .note("\(stage): \(leftOut.count) unit(s) are left out: \(failure.subject ?? ""): \(failure.message)")
            )
        }
    }
}

extension Fingerprint {
    /// The top-level keys of a config value, each as one line of JSON.
    static func parameters(of config: some Encodable) throws -> [String: String] {
        let object = try JSONSerialization.jsonObject(with: CanonicalJSON.line(config)) as? [String: Any] ?? [:]
        return try object.mapValues { value in
            let data = try JSONSerialization.data(
                withJSONObject: value,
                options: [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes]
            )
            return String(decoding: data, as: UTF8.self)
        }
    }

    /// The config value whose `parameters` these are.
    /// - Throws: `DecodingError`, errors of the config's own reader, where they are of another.
    func config<Config: Decodable>(_ type: Config.Type) throws -> Config {
        let values = try parameters.mapValues { try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8)) }
        return try JSONDecoder().decode(type, from: CanonicalJSON.line(values))
    }
}
