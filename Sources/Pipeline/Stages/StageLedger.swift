import Files
import Foundation
import Records
import Storage

extension Stage {
    /// The outcomes of a stage as they come in.
    struct Ledger {
        let stage: Stage
        private let before: [UnitID: Fingerprint]
        private var report: StageReport
        private var outcomes: [Outcome]
        /// What was made here, and how.
        private var made: [UnitID: Fingerprint] = [:]
        /// Units that were brought to an end here.
        private(set) var ended = 0

        init(_ stage: Stage, _ plan: Plan, leftOut: [LeftOutFiles] = []) {
            self.stage = stage
            before = plan.before
            outcomes = plan.done
            report = StageReport(stage: stage.name)
            report.leftOut = leftOut
            report.cached = plan.done.count
            for outcome in plan.done { report.count(outcome) }
            report.failures = plan.refused.map(\.failure)
        }

        /// - Throws: `Failure` with `.fingerprint` where a result of another configuration has come in between.
        mutating func record(_ outcome: Outcome, _ progress: ProgressSink) throws {
            var outcome = outcome
            let standing = try Stage.outcome(of: outcome.unit, stage: stage.name, in: stage.layout)
            // Another process has come to it since the plan was made.
            let isNew = standing.map { $0.fingerprint != before[outcome.unit] } ?? false
            let isLate = isNew && standing.map { outcome.failedUncopied(beside: $0) } ?? false
            if let standing, isNew, !isLate { try refuse(standing, beside: outcome.fingerprint) }
            var hasStanding = false
            if let standing, !outcome.hasResult, standing.hasResult {
                hasStanding = try standing.damage(in: stage.layout) == nil
            }
            if let standing, hasStanding, isNew, isLate || standing.fingerprint == outcome.fingerprint {
                // What failed here, it has brought to its end.
                outcome = standing
            } else if let standing, hasStanding, let failure = outcome.failure, failure.code.tellsNothingOfData,
                !outcome.fingerprint.hasOtherParameters(than: standing.fingerprint)
            {
                ended += 1
                report.failures.append(failure)
                progress(.finished(unit: outcome.unit.text, failure: failure))
                return
            } else {
                try outcome.write(to: stage.layout.outcome(stage: stage.name, outcome.unit))
            }
            ended += 1
            made[outcome.unit] = outcome.fingerprint
            outcomes.append(outcomes.last.map { outcome.sharing(with: $0) } ?? outcome)
            report.count(outcome)
            progress(.finished(unit: outcome.unit.text, failure: outcome.failure))
        }

        /// Turns keep the processes of a host apart. One of a host whose processes cannot be seen, or of an earlier version of
        /// this program, is found out by its results.
        private func refuse(_ standing: Outcome, beside fingerprint: Fingerprint) throws {
            guard !standing.outputs.isEmpty else { return }
            let cause: Conflict.Cause
            switch fingerprint.compared(to: standing.fingerprint) {
            case .same: return
            case .inputsDiffer(let names): cause = .inputs(names)
            case .parametersDiffer(let differences): cause = .parameters(differences)
            }
            let conflict = Conflict(unit: standing.unit, cause: cause)
            if let failure = Conflict.failure([conflict], in: stage) { throw failure }
        }

        /// The machine's faults are failures of their units. What is on record as a result stays on record: it may well be sound.
        mutating func record(_ faults: [Plan.Fault], _ progress: ProgressSink) throws {
            for fault in faults {
                let (unit, failure) = (fault.unit, fault.failure)
                progress(.refused(failure))
                let before = Result { try Stage.outcome(of: unit.id, stage: stage.name, in: stage.layout) }
                guard case .success(let outcome) = before, outcome?.hasResult != true else {
                    report.failures.append(failure)
                    continue
                }
                let failed = Outcome(
                    unit: unit.id,
                    stage: stage.name,
                    status: .failed,
                    failure: failure,
                    fingerprint: unit.fingerprint
                )
                try failed.write(to: stage.layout.outcome(stage: stage.name, unit.id))
                outcomes.append(failed)
                report.count(failed)
            }
        }

        /// - Throws: `Failure` with `.fingerprint` where another process has replaced what was made here.
        func end(_ progress: ProgressSink) throws -> StageResult {
            for (unit, fingerprint) in made.sorted(by: { $0.key < $1.key }) {
                let standing = try Stage.outcome(of: unit, stage: stage.name, in: stage.layout)
                if let standing { try refuse(standing, beside: fingerprint) }
            }
            progress(.ended(report))
            return StageResult(report: report, outcomes: outcomes.sorted { $0.unit < $1.unit })
        }
    }
}

extension ErrorCode {
    /// Whether a unit failed for what the machine did not give, or not in time: what was made of the unit before stands.
    fileprivate var tellsNothingOfData: Bool {
        isOfMachine || [.notFound, .access, .copy, .limit, .workerTimeout, .workerMemory].contains(self)
    }
}
