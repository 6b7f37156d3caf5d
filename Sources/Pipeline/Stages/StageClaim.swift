import Files
import Foundation
import Records
import Storage

/// With what a process works on a stage. Processes of one claim may work on it at once: they make the same bytes, and publish
/// them by rename. Of different ones only the first goes on, or slides of both would stand in one stage.
struct StageClaim: Codable, Equatable, Sendable {
    /// What all units have in common: the configuration, and of predictions the models.
    var parameters: [String: String]
    /// By unit that it is about to make, what tells its fingerprint from others; of units that are whole.
    var units: [String: String]

    init(parameters: [String: String], units: [Stage.Unit]) throws {
        self.parameters = parameters
        self.units = try Dictionary(
            units.filter(\.isWhole).map {
                ($0.id.text, String(try CanonicalJSON.fingerprint($0.fingerprint).prefix(16)))
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// What differs from the claim of a process that was first; nil where both may go on.
    func difference(from first: StageClaim) -> String? {
        let keys = Set(parameters.keys).union(first.parameters.keys).sorted()
        let differences = keys.filter { parameters[$0] != first.parameters[$0] }.map {
            Fingerprint.Difference(key: $0, old: first.parameters[$0], new: parameters[$0])
        }
        if !differences.isEmpty { return Fingerprint.Difference.words(differences) }
        let unit = units.keys.sorted().first { key in first.units[key].map { $0 != units[key] } ?? false }
        return unit.map { "what \($0) is made of or how is another" }
    }
}

extension Stage {
    /// `plan`, with a turn at making what waits.
    ///
    /// What waits is looked at again once the turn is taken: a process that ended just before may have made it, with this
    /// configuration or another one. A killed process leaves nothing that stands in the way on its host; of another host's,
    /// nobody knows for some minutes, and `--redo` goes on without waiting for that.
    /// - Parameters:
    ///   - always: whether more than units is written, so that there is a turn where none waits.
    ///   - refusal: as in `plan`.
    /// - Throws: as `plan`, also where another process is at work with another configuration.
    func claimed(
        _ units: [Unit],
        always: Bool = false,
        _ progress: ProgressSink,
        refusal: (Unit, Scrutiny) throws -> Refusal? = { _, _ in nil }
    ) throws -> Plan {
        defer { settings.seen.save() }
        var plan: Plan
        do { plan = try self.plan(units, refusal: refusal) } catch let failure as Failure
            where failure.code == .fingerprint
        {
            // What stands in the way may be what a process has made that is still at work.
            let claim = try StageClaim(parameters: common(of: units), units: units)
            let others = (try? Turn.others(name.text, in: layout)) ?? []
            throw self.failure(claim, others.filter { $0.record.isAtWork == true }) ?? failure
        }
        guard always || !plan.waiting.isEmpty else { return plan }
        let claim = try StageClaim(parameters: common(of: units), units: plan.waiting)
        let turn: Turn
        do { turn = try self.turn(claim) } catch let error as StorageError {
            // As with the record of a run: where the disk is full the work itself will say so.
            progress(.note("warning: processes that work on \(name) at once are not told from each other: \(error)"))
            return plan
        }
        plan.turn = turn
        let again = try self.plan(plan.waiting)
        (plan.waiting, plan.before) = (again.waiting, again.before)
        plan.done += again.done
        plan.faults += again.faults
        try turn.begin()
        return plan
    }

    /// For a stage whose plan costs work: that work is not done where a process with another configuration is at the stage.
    /// - Throws: `Failure` with `.fingerprint` then.
    func checkTurns() throws {
        let claim = try StageClaim(parameters: common ?? [:], units: [])
        let others = (try? Turn.others(name.text, in: layout)) ?? []
        if let failure = failure(claim, others.filter { $0.record.isAtWork == true }) { throw failure }
    }

    /// A turn that no earlier one stands in the way of. Of those that do, one at work decides at once. Another may yet give
    /// its turn back, as this one does while it waits for that.
    private func turn(_ claim: StageClaim) throws -> Turn {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let turn = try Turn.take(name.text, claim: claim, in: layout)
            let others = try turn.earlier()
            guard let undecided = failure(claim, others) else { return turn }
            turn.end()
            if let failure = failure(claim, others.filter { $0.record.isAtWork == true }) { throw failure }
            if ContinuousClock.now > deadline { throw undecided }
            usleep(.random(in: 30_000...90_000))
        }
    }

    /// For a process that looks at what is done: to compare thousands of large results with their records takes a while.
    private static let patience = Duration.seconds(60)

    private func failure(_ claim: StageClaim, _ others: [Turn.Other]) -> Failure? {
        for other in others {
            guard let first = other.record.claim, let difference = claim.difference(from: first) else { continue }
            switch other.sight {
            case .silent: continue
            case .elsewhere where settings.redo: continue
            case .elsewhere, .here: return failure(difference, other)
            }
        }
        return nil
    }

    private func failure(_ difference: String, _ other: Turn.Other) -> Failure {
        let process = other.record.process
        let place = other.sight == .here ? "" : " of \(process.host)"
        let redo = other.sight == .here ? "" : " If it was killed, --redo goes on now."
        let keep = elsewhere.map { ", or \($0) keeps both" } ?? ""
        return Failure(
            .fingerprint,
            layout.root.path,
            "\(name): a run with another configuration is in the way: \(difference); process \(process.number)\(place) has been at "
                + "it since \(other.record.began) (\(other.record.command)); let it end or stop it, then --redo makes its "
                + "results again\(keep)\(redo)"
        )
    }

    private func common(of units: [Unit]) -> [String: String] {
        if let common { return common }
        guard let first = units.first?.fingerprint.parameters else { return [:] }
        return first.filter { key, value in units.allSatisfy { $0.fingerprint.parameters[key] == value } }
    }
}
