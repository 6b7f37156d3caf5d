import Files
import Foundation
import Records
import Synchronization

/// An outcome as this program writes it, read without a decoder, which takes twenty times as long: a command looks through
/// thousands of them before it begins.
struct OutcomeText {
    private var cursor: JSONCursor
    private let common: CommonTable

    /// - Parameters:
    ///   - data: whole, as its seal says.
    ///   - common: the parameters of those that were read before.
    /// - Returns: nil where anything is not as expected; a decoder then says what it is.
    static func outcome(_ data: UnsafeRawBufferPointer, _ common: CommonTable) -> Outcome? {
        var text = OutcomeText(cursor: JSONCursor(data), common: common)
        return text.outcome()
    }

    static func outcome(_ data: Data) -> Outcome? { data.withUnsafeBytes { outcome($0, CommonTable()) } }

    /// What every outcome has, as far as it was found, and what few have.
    private struct Parts {
        var unit: UnitID?
        var stage: StageName?
        var status: Outcome.Status?
        var fingerprint: Fingerprint?
        var figures: [String: Double]?
        var facts: [String: String]?
        var outputs: [String: String]?
        var failure: Failure?
        var unexamined: Double?
        var sizes: [String: Int]?
        var accepted: [Mismatch]?
        var notes: [String]?
        var seal: String?

        var outcome: Outcome? {
            guard let unit, let stage, let status, let fingerprint, let figures, let facts, let outputs else {
                return nil
            }
            var outcome = Outcome(
                unit: unit,
                stage: stage,
                status: status,
                failure: failure,
                fingerprint: fingerprint,
                figures: figures,
                facts: facts,
                outputs: outputs
            )
            (outcome.unexamined, outcome.sizes) = (unexamined, sizes)
            (outcome.accepted, outcome.notes) = (accepted, notes)
            return outcome
        }
    }

    private mutating func outcome() -> Outcome? {
        var parts = Parts()
        guard cursor.take("{") else { return nil }
        repeat {
            guard let name = cursor.text(), cursor.take(":") else { return nil }
            if let key = Outcome.CodingKeys(rawValue: name) {
                guard read(key, &parts) else { return nil }
            } else if name != Outcome.sealKey || !Self.set(&parts.seal, cursor.text()) {
                return nil
            }
        } while cursor.take(",")
        return cursor.take("}") && cursor.isAtEnd ? parts.outcome : nil
    }

    private mutating func read(_ key: Outcome.CodingKeys, _ parts: inout Parts) -> Bool {
        switch key {
        case .unit: Self.set(&parts.unit, cursor.text().flatMap { try? UnitID($0) })
        case .stage: Self.set(&parts.stage, cursor.text().map { StageName($0) })
        case .status: Self.set(&parts.status, cursor.text().flatMap(Outcome.Status.init))
        case .fingerprint: Self.set(&parts.fingerprint, fingerprint())
        case .figures: Self.set(&parts.figures, Self.table(&cursor) { $0.number() })
        case .facts: Self.set(&parts.facts, Self.table(&cursor) { $0.text() })
        case .outputs: Self.set(&parts.outputs, Self.table(&cursor) { $0.text() })
        case .sizes: Self.set(&parts.sizes, Self.table(&cursor) { $0.wholeNumber() })
        case .unexamined: Self.set(&parts.unexamined, cursor.number())
        case .failure: Self.set(&parts.failure, decoded())
        case .accepted: Self.set(&parts.accepted, decoded())
        case .notes: Self.set(&parts.notes, decoded())
        }
    }

    /// False where there is no value, or it stands there twice: then it may be the one or the other.
    private static func set<Value>(_ place: inout Value?, _ value: Value?) -> Bool {
        guard place == nil, let value else { return false }
        place = value
        return true
    }

    /// What few outcomes have is left to a decoder.
    private mutating func decoded<Value: Decodable>() -> Value? {
        guard let letters = cursor.value(), JSONOutline(letters).isPlain else { return nil }
        return try? JSONDecoder().decode(Value.self, from: Data(letters))
    }

    private mutating func fingerprint() -> Fingerprint? {
        guard cursor.take("{"), takeName(.format), let format = cursor.wholeNumber(), cursor.take(","),
            takeName(.inputs), let inputs = Self.table(&cursor, { $0.text() }), cursor.take(","),
            takeName(.parameters), let parameters = common.read(&cursor), cursor.take(","),
            takeName(.stage), let stage = cursor.text(), cursor.take("}")
        else { return nil }
        return Fingerprint(format: format, stage: stage, parameters: parameters, inputs: inputs)
    }

    private mutating func takeName(_ key: Fingerprint.CodingKeys) -> Bool {
        cursor.text() == key.rawValue && cursor.take(":")
    }

    /// nil where a value is another one, or a key stands there twice.
    fileprivate static func table<Value>(
        _ cursor: inout JSONCursor,
        _ value: (inout JSONCursor) -> Value?
    ) -> [String: Value]? {
        var members: [(String, Value)] = []
        let isTable = cursor.members { key, cursor in
            guard let value = value(&cursor) else { return false }
            members.append((key, value))
            return true
        }
        guard isTable else { return nil }
        let table = Dictionary(members, uniquingKeysWith: { first, _ in first })
        return table.count == members.count ? table : nil
    }
}

/// A table that most outcomes of a stage have alike, such as their parameters: read once and held once.
final class CommonTable: Sendable {
    private let last = Mutex<(letters: [UInt8], table: [String: String])>(([], [:]))

    func read(_ cursor: inout JSONCursor) -> [String: String]? {
        let known = last.withLock { $0 }
        if !known.letters.isEmpty, cursor.take(known.letters) { return known.table }
        var ahead = cursor
        guard let letters = ahead.value(), let table = OutcomeText.table(&cursor, { $0.text() }) else { return nil }
        last.withLock { $0 = (Array(letters), table) }
        return table
    }
}
