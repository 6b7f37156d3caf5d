import Files
import Foundation
import Records
import Storage

/// A result that is there and was made in another way than is asked for now.
struct Conflict: Equatable {
    enum Cause: Equatable {
        case parameters([Fingerprint.Difference])
        /// Names of the digests that changed.
        case inputs([String])
        /// A file of that name, which no outcome tells of.
        case stranger(file: String)
    }

    var unit: UnitID
    var cause: Cause

    /// One error for all conflicts of a stage: what differs, the cheapest ways out and what they cost; nil without any.
    static func failure(_ conflicts: [Conflict], in stage: Stage) -> Failure? {
        guard let first = conflicts.first else { return nil }
        let more = conflicts.count > 1 ? " (and \(conflicts.count - 1) more)" : ""
        let again = "--redo makes \(conflicts.count > 1 ? "them" : "it") again\(stage.cost(of: conflicts.count))"
        let redo = stage.remedy ?? again
        let keep = stage.elsewhere.map { ", \($0) keeps both" } ?? ""
        let text =
            switch first.cause {
            case .parameters(let differences):
                "a result of another configuration is in the way\(more): "
                    + Fingerprint.Difference.words(differences) + "; \(redo)\(keep)"
            case .inputs(let names):
                "a result is older than what it was made from\(more): \(names.joined(separator: ", ")) changed; \(redo)"
            case .stranger(let file):
                "a file of unknown origin is in the way\(more): \(file); move it away, or "
                    + (stage.remedy ?? "--redo replaces it")
            }
        return Failure(.fingerprint, first.unit.text, "\(stage.name): \(text)")
    }
}

extension Fingerprint.Difference {
    /// Values longer than this are not shown.
    private static let shown = 40

    /// What differs, each place in words.
    static func words(_ differences: [Fingerprint.Difference]) -> String {
        let places = differences.flatMap(\.leaves)
        // The digest is another one with each of the values that it is of.
        let told = places.filter { $0.key != SearchComparison.digestKey }
        return told.isEmpty && !places.isEmpty
            ? "the candidates of the search are others" : told.map(\.words).joined(separator: "; ")
    }

    /// The places where two JSON objects differ, each with its path: `training.epochs`. A value that is no object is itself
    /// the place.
    var leaves: [Fingerprint.Difference] {
        let (old, new) = (Self.members(self.old), Self.members(self.new))
        guard old != nil || new != nil, self.old == nil || old != nil, self.new == nil || new != nil else {
            return [self]
        }
        return Set((old ?? [:]).keys).union((new ?? [:]).keys).sorted().filter { old?[$0] != new?[$0] }
            .flatMap { name in
                Fingerprint.Difference(key: "\(key).\(name)", old: old?[name]?.line, new: new?[name]?.line).leaves
            }
    }

    /// `training.epochs 40, now 5`
    var words: String {
        let (old, new) = (Self.text(self.old), Self.text(self.new))
        guard max(old.count, new.count) <= Self.shown else { return "\(key) is another" }
        return "\(key) \(old), now \(new)"
    }

    private static func members(_ text: String?) -> [String: JSONValue]? {
        guard let text, case .object(let members)? = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        else { return nil }
        return members
    }

    private static func text(_ value: String?) -> String {
        guard let value, !value.isEmpty, value != "null" else { return "not set" }
        return (try? JSONDecoder().decode(String.self, from: Data(value.utf8))) ?? value
    }
}

extension JSONValue {
    fileprivate var line: String { (try? String(decoding: CanonicalJSON.line(self), as: UTF8.self)) ?? "" }
}

extension Stage {
    /// ` (4 folds, about 12 s)`; the time is that of the stage's last run in this job, where there was one.
    fileprivate func cost(of units: Int) -> String {
        let noun = StageReport(stage: name).noun
        let runs = (try? RunRecord.all(in: layout)) ?? []
        let last = runs.last { $0.stages.contains(name) && ($0.throughput?.units ?? 0) > 0 }
        let time = last?.throughput.map { ", about \(Throughput.clock($0.seconds / Double($0.units) * Double(units)))" }
        return " (\(units) \(noun)\(units == 1 ? "" : "s")\(time ?? ""))"
    }
}
