import Files
import Foundation
import Records
import Synchronization

/// An outcome as this program writes it, of which only what a brief holds becomes values: the rest is looked at where it lies.
struct BriefText {
    private var cursor: JSONCursor
    private let shape: Shape
    private var unit: UnitID?
    private var stage: StageName?
    private var status: Outcome.Status?
    private var inputs: [String: String]?
    /// What the version is the digest of, as far as it has been read (`Outcome.plainVersion`).
    private var line: [UInt8] = []
    private var openSlide: String?
    private var emptyReason: String?
    /// Where tables begin that are gone through again.
    private var outputs: JSONCursor?
    private var sizes: JSONCursor?

    /// What the outcomes of a stage have alike.
    final class Shape: Sendable {
        let stage: StageName
        let kind: StageName.Kind?
        /// Whether anybody asks for versions.
        let isVersioned: Bool
        private let parameters = Mutex<(letters: [UInt8], line: [UInt8])>(([], []))

        init(stage: StageName, isVersioned: Bool) {
            (self.stage, kind, self.isVersioned) = (stage, stage.kind, isVersioned)
        }

        /// The line of the parameters, made once for all that have the same.
        fileprivate func line(_ cursor: inout JSONCursor) -> [UInt8]? {
            let known = parameters.withLock { $0 }
            if !known.letters.isEmpty, cursor.take(known.letters) { return known.line }
            var (ahead, table, count) = (cursor, [String: String](), 0)
            let isTable = cursor.members { key, cursor in
                guard let text = cursor.text() else { return false }
                (table[key], count) = (text, count + 1)
                return true
            }
            guard isTable, table.count == count, let letters = ahead.value(),
                let line = CanonicalJSON.plainLine(table)
            else { return nil }
            parameters.withLock { $0 = (Array(letters), line) }
            return line
        }
    }

    /// - Parameters:
    ///   - bytes: of a record that is whole, as its seal says.
    ///   - job: where its outputs are looked for; nil: nowhere.
    /// - Returns: nil where anything is not as expected, or is what few outcomes have; they are read whole.
    static func brief(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, in job: OpenFolder?) -> OutcomeBrief? {
        var text = BriefText(JSONCursor(bytes), shape)
        if shape.isVersioned { text.line.reserveCapacity(bytes.count + 64) }
        return text.read() ? text.brief(in: job) : nil
    }

    private init(_ cursor: JSONCursor, _ shape: Shape) { (self.cursor, self.shape) = (cursor, shape) }

    private func brief(in job: OpenFolder?) -> OutcomeBrief? {
        guard let unit, let stage, let status, let inputs, let outputs else { return nil }
        return OutcomeBrief(
            unit: unit,
            stage: stage,
            kind: stage == shape.stage ? shape.kind : stage.kind,
            status: status,
            inputs: inputs,
            version: shape.isVersioned && status.hasResult ? line.withUnsafeBytes { Digest.sha256($0) } : nil,
            outlines: stage == .tile ? Self.digest(of: JobLayout.outlines(of: unit.slide), in: outputs) : nil,
            openSlide: openSlide,
            emptyReason: emptyReason,
            isThere: job.map { status.hasResult && isThere(in: $0, outputs) } ?? false
        )
    }

    /// The members that most outcomes have, in the order in which they are written. With any other one, such as a failure, an outcome
    /// is read whole.
    private static let keys: [(key: Outcome.CodingKeys?, letters: [UInt8])] = {
        let known: [Outcome.CodingKeys] = [
            .facts, .figures, .fingerprint, .outputs, .sizes, .stage, .status, .unexamined, .unit,
        ]
        let all = known.map { ($0, $0.rawValue) } + [(nil, "seal")]
        return all.sorted { $0.1 < $1.1 }.map { ($0.0, Array("\"\($0.1)\"".utf8)) }
    }()

    private mutating func read() -> Bool {
        guard cursor.take("{") else { return false }
        var (goesOn, isSealed, hasFacts, hasFigures) = (true, false, false, false)
        for (key, letters) in Self.keys where goesOn && cursor.take(letters) {
            guard cursor.take(":") else { return false }
            switch key {
            case .facts: hasFacts = facts()
            case .figures: hasFigures = Self.table(&cursor) { _, cursor in cursor.takeNumber() }
            case .fingerprint: guard fingerprint() else { return false }
            case .outputs: guard readOutputs() else { return false }
            case .sizes:
                sizes = cursor
                guard Self.table(&cursor, { _, cursor in cursor.wholeNumber() != nil }) else { return false }
            case .stage: stage = stageName()
            case .status: status = text().flatMap(Outcome.Status.init)
            case .unexamined: guard cursor.takeNumber() else { return false }
            case .unit: unit = text().flatMap { try? UnitID($0) }
            case nil: isSealed = cursor.plainText() != nil
            default: return false
            }
            goesOn = cursor.take(",")
        }
        return !goesOn && cursor.take("}") && cursor.isAtEnd && isSealed && hasFacts && hasFigures
    }

    private mutating func text() -> String? { cursor.plainText().map { String(decoding: $0, as: UTF8.self) } }

    /// That of the folder, as a rule.
    private mutating func stageName() -> StageName? {
        guard let letters = cursor.plainText() else { return nil }
        if Self.isSame(letters, shape.stage.text) { return shape.stage }
        return StageName(String(decoding: letters, as: UTF8.self))
    }

    private mutating func facts() -> Bool {
        var (openSlide, reason) = (String?.none, String?.none)
        let isTable = Self.table(&cursor) { key, cursor in
            switch key.count {
            case Outcome.Fact.openSlide.rawValue.utf8.count where Self.isSame(key, Outcome.Fact.openSlide.rawValue):
                openSlide = cursor.text()
                return openSlide != nil
            case Outcome.Fact.reason.rawValue.utf8.count where Self.isSame(key, Outcome.Fact.reason.rawValue):
                reason = cursor.text()
                return reason != nil
            default: return cursor.plainText() != nil || cursor.text() != nil
            }
        }
        (self.openSlide, emptyReason) = (openSlide, reason)
        return isTable
    }

    private mutating func fingerprint() -> Bool {
        guard cursor.take("{"), take(.format), let format = cursor.wholeNumber(), cursor.take(","), take(.inputs)
        else { return false }
        add("{\"fingerprint\":{\"format\":\(format),\"inputs\":")
        var inputs: [String: String] = [:]
        let isTable = readTable { inputs[String(decoding: $0, as: UTF8.self)] = String(decoding: $1, as: UTF8.self) }
        self.inputs = inputs
        guard isTable, cursor.take(","), take(.parameters), let parameters = shape.line(&cursor), cursor.take(","),
            take(.stage), let stage = cursor.plainText(), cursor.take("}")
        else { return false }
        guard shape.isVersioned else { return true }
        add(",\"parameters\":")
        line += parameters
        add(",\"stage\":\"")
        line += stage
        add("\"},\"outputs\":")
        return true
    }

    private mutating func readOutputs() -> Bool {
        outputs = cursor
        // Behind its fingerprint, or the line is none.
        guard inputs != nil, readTable({ _, _ in }) else { return false }
        add("}")
        return true
    }

    private mutating func take(_ key: Fingerprint.CodingKeys) -> Bool {
        cursor.plainText().map { Self.isSame($0, key.rawValue) } == true && cursor.take(":")
    }

    private mutating func add(_ text: String) { if shape.isVersioned { line += text.utf8 } }

    /// Passes a table of plain texts, which goes into the line as it is written there.
    private mutating func readTable(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void) -> Bool {
        let isVersioned = shape.isVersioned
        var (line, isFirst) = ([UInt8](), true)
        swap(&line, &self.line)
        defer { swap(&line, &self.line) }
        if isVersioned { line.append(UInt8(ascii: "{")) }
        let isTable = Self.table(&cursor) { key, cursor in
            guard let value = cursor.plainText() else { return false }
            body(key, value)
            guard isVersioned else { return true }
            line += isFirst ? "\"".utf8 : ",\"".utf8
            line += key
            line += "\":\"".utf8
            line += value
            line.append(UInt8(ascii: "\""))
            isFirst = false
            return true
        }
        if isVersioned { line.append(UInt8(ascii: "}")) }
        return isTable
    }
}

// Tables as they are written: in the order of their keys.
extension BriefText {
    /// False where a key is no plain text or does not follow on the one before, or `body` says so of a value, which it passes.
    private static func table(
        _ cursor: inout JSONCursor,
        _ body: (UnsafeRawBufferPointer, inout JSONCursor) -> Bool
    ) -> Bool {
        guard cursor.take("{") else { return false }
        if cursor.take("}") { return true }
        var last: UnsafeRawBufferPointer?
        repeat {
            guard let key = cursor.plainText(), last.map({ follows(key, $0) }) != false, cursor.take(":"),
                body(key, &cursor)
            else { return false }
            last = key
        } while cursor.take(",")
        return cursor.take("}")
    }

    private static func follows(_ key: UnsafeRawBufferPointer, _ last: UnsafeRawBufferPointer) -> Bool {
        guard let letters = key.baseAddress, let others = last.baseAddress else { return !key.isEmpty }
        let order = memcmp(others, letters, min(key.count, last.count))
        return order < 0 || order == 0 && last.count < key.count
    }

    private static func isSame(_ letters: UnsafeRawBufferPointer, _ others: UnsafeRawBufferPointer) -> Bool {
        guard letters.count == others.count, let own = letters.baseAddress, let other = others.baseAddress else {
            return letters.isEmpty && others.isEmpty
        }
        return memcmp(own, other, letters.count) == 0
    }

    private static func isSame(_ letters: UnsafeRawBufferPointer, _ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isSame(letters, UnsafeRawBufferPointer($0)) }
    }

    private static func digest(of path: String, in outputs: JSONCursor) -> String? {
        var (cursor, found) = (outputs, String?.none)
        _ = table(&cursor) { key, cursor in
            let value = cursor.plainText()
            if isSame(key, path) { found = value.map { String(decoding: $0, as: UTF8.self) } }
            return found == nil
        }
        return found
    }

    /// Of a path and the zero behind it, which fit on the stack.
    private static let longestPath = 1024

    /// As `Outcome.isThere`; also false where other files have sizes than those that are outputs.
    private func isThere(in job: OpenFolder, _ outputs: JSONCursor) -> Bool {
        var (cursor, sizes) = (outputs, sizes)
        if cursor.take("{"), cursor.take("}") { return true }
        cursor = outputs
        guard sizes?.take("{") == true else { return false }
        return withUnsafeTemporaryAllocation(byteCount: Self.longestPath, alignment: 1) { room in
            let areThere = Self.table(&cursor) { key, cursor in
                guard cursor.plainText() != nil, let path = sizes?.plainText(), Self.isSame(path, key),
                    sizes?.take(":") == true, let size = sizes?.wholeNumber(), path.count < room.count
                else { return false }
                _ = sizes?.take(",")
                room.copyMemory(from: path)
                room[path.count] = 0
                let letters = UnsafeRawBufferPointer(room).assumingMemoryBound(to: CChar.self)
                return letters.baseAddress.map { job.kind(of: $0) } == .regular(bytes: size)
            }
            return areThere && sizes?.take("}") == true
        }
    }
}
