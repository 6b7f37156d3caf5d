import Files
import Foundation
import Records

/// An outcome as this program writes it, read without a decoder, which takes ten times as long: a command looks through
/// thousands of them before it begins.
struct OutcomeText {
    private let outline: JSONOutline

    /// - Parameter data: whole, as its seal says.
    /// - Returns: nil where anything is not as expected; a decoder then says what it is.
    static func outcome(_ data: Data) -> Outcome? {
        data.withUnsafeBytes { bytes in OutcomeText(outline: JSONOutline(bytes)).outcome }
    }

    /// What every outcome has, as far as it was found.
    private struct Parts {
        var unit: UnitID?
        var stage: StageName?
        var status: Outcome.Status?
        var fingerprint: Fingerprint?
        var figures: [String: Double]?
        var facts: [String: String]?
        var outputs: [String: String]?

        var outcome: Outcome? {
            guard let unit, let stage, let status, let fingerprint, let figures, let facts, let outputs else {
                return nil
            }
            return Outcome(
                unit: unit,
                stage: stage,
                status: status,
                fingerprint: fingerprint,
                figures: figures,
                facts: facts,
                outputs: outputs
            )
        }
    }

    private var outcome: Outcome? {
        guard outline.isPlain, let members = outline.members(of: outline.whole) else { return nil }
        // What stands there twice may be the one or the other.
        guard Set(members.map(\.key)).count == members.count else { return nil }
        var parts = Parts()
        var others: [(key: Outcome.CodingKeys, place: Range<Int>)] = []
        for (name, place) in members {
            guard let key = Outcome.CodingKeys(rawValue: name) else {
                if name == Outcome.sealKey { continue }
                return nil
            }
            switch key {
            case .unit: parts.unit = outline.text(of: place).flatMap { try? UnitID($0) }
            case .stage: parts.stage = outline.text(of: place).map { StageName($0) }
            case .status: parts.status = outline.text(of: place).flatMap(Outcome.Status.init)
            case .fingerprint: parts.fingerprint = fingerprint(place)
            case .figures: parts.figures = table(place, outline.number(of:))
            case .facts: parts.facts = table(place, outline.text(of:))
            case .outputs: parts.outputs = table(place, outline.text(of:))
            case .failure, .unexamined, .sizes, .accepted, .notes: others.append((key, place))
            }
        }
        guard var outcome = parts.outcome else { return nil }
        for (key, place) in others where !add(key, place, to: &outcome) { return nil }
        return outcome
    }

    /// What few outcomes have is left to a decoder.
    private func add(_ key: Outcome.CodingKeys, _ place: Range<Int>, to outcome: inout Outcome) -> Bool {
        func take<Value: Decodable>(_ member: WritableKeyPath<Outcome, Value?>) -> Bool {
            outcome[keyPath: member] = try? JSONDecoder().decode(Value.self, from: outline.data(of: place))
            return outcome[keyPath: member] != nil
        }
        switch key {
        case .failure: return take(\.failure)
        case .unexamined: return take(\.unexamined)
        case .accepted: return take(\.accepted)
        case .notes: return take(\.notes)
        case .sizes:
            outcome.sizes = table(place, outline.wholeNumber(of:))
            return outcome.sizes != nil
        case .unit, .stage, .status, .fingerprint, .figures, .facts, .outputs: return false
        }
    }

    private func fingerprint(_ place: Range<Int>) -> Fingerprint? {
        guard let members = outline.members(of: place), members.count == 4 else { return nil }
        var (format, stage): (Int?, String?) = (nil, nil)
        var (parameters, inputs): ([String: String]?, [String: String]?) = (nil, nil)
        for (name, place) in members {
            switch Fingerprint.CodingKeys(rawValue: name) {
            case .format: format = outline.wholeNumber(of: place)
            case .stage: stage = outline.text(of: place)
            case .parameters: parameters = table(place, outline.text(of:))
            case .inputs: inputs = table(place, outline.text(of:))
            case nil: return nil
            }
        }
        guard let format, let stage, let parameters, let inputs else { return nil }
        return Fingerprint(format: format, stage: stage, parameters: parameters, inputs: inputs)
    }

    /// nil where a value is another one, or a key stands there twice.
    private func table<Value>(_ place: Range<Int>, _ value: (Range<Int>) -> Value?) -> [String: Value]? {
        guard let members = outline.members(of: place) else { return nil }
        var table: [String: Value] = [:]
        table.reserveCapacity(members.count)
        for (key, place) in members {
            guard let value = value(place), table.updateValue(value, forKey: key) == nil else { return nil }
        }
        return table
    }
}
