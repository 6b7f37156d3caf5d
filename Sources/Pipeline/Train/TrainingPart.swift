import Config
import Files
import Foundation
import Records
import Storage

/// What of a training a command makes.
public enum TrainingPart: Equatable, Sendable {
    /// Every fold that is missing, then what follows from all of them.
    case whole
    /// Only these folds, of one seed where there are several; nothing that follows from all of them.
    case folds(Set<Int>, seed: UInt64?)
    /// Only what follows from all folds, which have to be there.
    case join

    /// - Throws: `Failure` (usage) for a fold or a seed that the study does not have, or for a seed that is not named.
    func check(_ study: Study) throws {
        guard case .folds(let folds, let seed) = self else { return }
        let known = study.splits.map(\.fold)
        let strangers = folds.subtracting(known).sorted()
        if let first = strangers.first {
            let range = known.count == 1 ? "one fold, 0" : "folds 0 to \(known.count - 1)"
            throw Failure(.usage, nil, "--fold \(first): this study has \(range)")
        }
        guard let seeds = study.config.training.seeds else { return }
        let list = seeds.list.map { "\($0)" }.joined(separator: ", ")
        guard let seed else {
            throw Failure(.usage, nil, "training.seeds has \(list): name the one that --fold is of with --seed")
        }
        guard seeds.list.contains(seed) else {
            throw Failure(.usage, nil, "--seed \(seed): training.seeds has \(list)")
        }
    }

    func contains(_ fold: Int, of run: SeedRun) -> Bool {
        switch self {
        case .whole, .join: true
        // Without `seed_S` there is one seed.
        case .folds(let folds, let seed): folds.contains(fold) && (run.name.seed == nil || run.name.seed == seed)
        }
    }
}

extension Stage {
    /// Makes this the stage of a command that joins what is there: `--redo` makes no fold then.
    /// - Throws: `Failure` (exit 4) where folds of another configuration are there; as `checkNothingWaits`.
    mutating func joinOnly(_ units: [Unit], seeds: Int) throws {
        (settings.redo, elsewhere) = (false, nil)
        let fold = seeds > 1 ? "--fold K --seed S" : "--fold K"
        remedy = "wsi train \(fold) --redo makes one again, wsi train --redo without --join all of them"
        try checkNothingWaits(plan(units))
    }

    /// For a command that makes no unit itself.
    /// - Throws: `Failure` where a unit waits: of a kind that another try may find gone (exit 75) where one is missing, with the
    ///   reason on record where all of those have failed.
    func checkNothingWaits(_ plan: Plan) throws {
        if let fault = plan.faults.first { throw fault.failure }
        guard !plan.waiting.isEmpty else { return }
        var failed: [Failure] = []
        var missing: [UnitID] = []
        for unit in plan.waiting {
            let outcome = try Self.outcome(of: unit.id, stage: name, in: layout)
            if let failure = outcome?.failure, outcome?.fingerprint == unit.fingerprint {
                failed.append(Failure(failure.code, unit.id.text, failure.message))
            } else {
                missing.append(unit.id)
            }
        }
        let all = plan.units
        let reasons = failed.map { "\($0.subject ?? "") has failed: \($0.message)" }
        guard !missing.isEmpty else {
            let text = "\(failed.count) of \(all) folds could not be trained: \(reasons.joined(separator: "; "))"
            throw Failure(.training, name.text, "\(text); wsi train tries them again")
        }
        let atWork = Set(
            ((try? Turn.others(name.text, in: layout)) ?? []).filter {
                $0.record.isAtWork == true && $0.sight != .silent
            }
            .flatMap { ($0.record.claim?.units ?? [:]).keys }
        )
        let names = missing.map { $0.text + (atWork.contains($0.text) ? " (at work)" : "") }
        let text = "\(missing.count) of \(all) folds are missing: \(names.joined(separator: ", "))"
        throw Failure(
            .incomplete,
            name.text,
            ([text] + reasons).joined(separator: "; ")
                + "; let their commands end, or wsi train without --join trains what is missing"
        )
    }
}
