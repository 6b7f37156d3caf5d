import Files

/// A data element: where its value lies in the file.
struct DICOMElement {
    var tag: DICOMTag
    var value: Range<Int>
    /// Whether the file says no length, so that `value` ends with the file.
    var isOpen = false
}

/// Goes over the elements of a data set (PS3.5, chapter 7), into sequences and out of them, always forward and without recursion.
///
/// Every length is checked against what encloses it before it is believed; depth and number of elements have a limit.
struct DICOMWalk {
    enum Event {
        /// An element that is no sequence.
        case value(DICOMElement)
        /// An item of the sequence that `path` ends with has begun.
        case item
        /// The elements from here on have at least the tag that the walk was to stop at, or the pixels begin.
        case stop(DICOMElement)
        case end
    }

    private enum Kind { case sequence, item, fragments }

    private struct Open {
        var kind: Kind
        /// nil until a delimiter.
        var end: Int?
        /// The furthest that anything in it may reach.
        var limit: Int
        var isImplicit: Bool
    }

    var bytes: DICOMBytes
    private(set) var position: Int
    /// The tags of the sequences that are open.
    private(set) var path: [DICOMTag] = []
    private var open: [Open] = []
    private let isImplicit: Bool
    private let stop: DICOMTag
    private var elements = 0

    /// - Parameters:
    ///   - position: where the first element begins.
    ///   - stop: the first tag of the data set itself that is not read.
    init(_ file: OpenFile, from position: Int, isImplicit: Bool, stop: DICOMTag) {
        (bytes, self.position, self.isImplicit, self.stop) = (DICOMBytes(file), position, isImplicit, stop)
    }

    /// Whether these sequences are open and no other.
    func isIn(_ tag: DICOMTag) -> Bool { path.count == 1 && path[0] == tag }
    func isIn(_ tag: DICOMTag, _ inner: DICOMTag) -> Bool { path.count == 2 && path[0] == tag && path[1] == inner }

    /// - Throws: `SlideFault` for a data set that makes no sense; `StorageError`.
    mutating func next() throws -> Event {
        while true {
            while let last = open.last, let end = last.end, position >= end { close() }
            let limit = open.last?.limit ?? bytes.count
            if open.isEmpty, position == bytes.count { return .end }
            guard position <= limit - 8 else { throw Self.beyond }
            elements += 1
            guard elements <= Self.mostElements else {
                throw SlideFault(text: "its header has more than \(Self.mostElements) elements")
            }
            let tag = DICOMTag(
                UInt16(try bytes.number(2, at: position)),
                UInt16(try bytes.number(2, at: position + 2))
            )
            if tag.group == 0xFFFE {
                if try beginOrEnd(tag, limit) { return .item }
                continue
            }
            if let event = try element(tag, limit) { return event }
        }
    }

    /// - Returns: whether an item has begun.
    private mutating func beginOrEnd(_ tag: DICOMTag, _ limit: Int) throws -> Bool {
        let length = Int(try bytes.number(4, at: position + 4))
        position += 8
        switch (tag, open.last?.kind) {
        case (.item, .sequence):
            let end = try end(after: length, limit)
            try begin(.item, end: end, limit: end ?? limit, isImplicit: open.last?.isImplicit ?? isImplicit)
            return true
        case (.item, .fragments):
            guard let end = try end(after: length, limit) else { throw Self.misplaced(tag) }
            position = end
        case (.itemEnd, .item) where open.last?.end == nil: close()
        case (.sequenceEnd, .sequence) where open.last?.end == nil: close()
        case (.sequenceEnd, .fragments): close()
        default: throw Self.misplaced(tag)
        }
        return false
    }

    private mutating func element(_ tag: DICOMTag, _ limit: Int) throws -> Event? {
        guard open.last?.kind ?? .item == .item else { throw Self.misplaced(tag) }
        // Before its form is looked at: what follows the first group may have another.
        if open.isEmpty, tag >= stop, tag != .pixelData {
            return .stop(DICOMElement(tag: tag, value: position..<position))
        }
        let isImplicit = open.last?.isImplicit ?? isImplicit
        let (kind, length) = try form(isImplicit: isImplicit, limit)
        let isOpen = length == Self.undefined
        if open.isEmpty, tag == .pixelData {
            guard isOpen || length <= limit - position else { throw SlideFault(text: "its pixels are cut short") }
            let value = position..<(isOpen ? bytes.count : position + length)
            return .stop(DICOMElement(tag: tag, value: value, isOpen: isOpen))
        }
        if isOpen {
            // Of an unknown kind and no length: a sequence in implicit form (PS3.5, 6.2.2, note 2).
            let holdsFragments = !isImplicit && kind != .sequence && kind != .unknown
            try begin(
                holdsFragments ? .fragments : .sequence,
                end: nil,
                limit: limit,
                isImplicit: isImplicit || kind == .unknown
            )
            path.append(tag)
            return nil
        }
        guard let end = try end(after: length, limit) else { throw Self.beyond }
        if DICOMTag.sequences.contains(tag), isImplicit || kind == .sequence {
            try begin(.sequence, end: end, limit: end, isImplicit: isImplicit)
            path.append(tag)
            return nil
        }
        let value = position..<end
        position = end
        return kind == .sequence ? nil : .value(DICOMElement(tag: tag, value: value))
    }

    private enum Representation { case sequence, unknown, other }

    /// Reads what stands between tag and value.
    private mutating func form(isImplicit: Bool, _ limit: Int) throws -> (Representation, length: Int) {
        if isImplicit {
            position += 8
            return (.unknown, Int(try bytes.number(4, at: position - 4)))
        }
        let letters = (UInt8(try bytes.number(1, at: position + 4)), UInt8(try bytes.number(1, at: position + 5)))
        guard (0x41...0x5A).contains(letters.0), (0x41...0x5A).contains(letters.1) else {
            throw SlideFault(text: "its header is damaged at byte \(position)")
        }
        let name = String(decoding: [letters.0, letters.1], as: UTF8.self)
        guard Self.longForms.contains(name) else {
            position += 8
            return (.other, Int(try bytes.number(2, at: position - 2)))
        }
        guard position <= limit - 12 else { throw Self.beyond }
        position += 12
        let length = Int(try bytes.number(4, at: position - 4))
        return (name == "SQ" ? .sequence : name == "UN" ? .unknown : .other, length)
    }

    /// nil for an undefined length.
    private func end(after length: Int, _ limit: Int) throws -> Int? {
        if length == Self.undefined { return nil }
        guard length <= limit - position else { throw Self.beyond }
        return position + length
    }

    private mutating func begin(_ kind: Kind, end: Int?, limit: Int, isImplicit: Bool) throws {
        guard open.count < Self.deepest else { throw SlideFault(text: "its sequences are nested too deep") }
        open.append(Open(kind: kind, end: end, limit: limit, isImplicit: isImplicit))
    }

    private mutating func close() { if open.removeLast().kind != .item { path.removeLast() } }

    private static func misplaced(_ tag: DICOMTag) -> SlideFault {
        SlideFault(text: "its header has \(tag) out of place")
    }

    private static let beyond = SlideFault(text: "an element of its header is longer than what is there")
    private static let undefined = 0xFFFF_FFFF
    private static let longForms: Set = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]
    private static let deepest = 32
    /// Ten for each of 1.6 million tiles that say where they lie.
    private static let mostElements = 1 << 24
}

/// Values; nil where one is not of its kind. Each is looked at once, and only where its tag is wanted.
extension DICOMWalk {
    mutating func text(_ element: DICOMElement) throws -> String? {
        guard element.value.count <= Self.longestText else { return nil }
        let stored = try bytes.bytes(element.value.count, at: element.value.lowerBound)
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0 }
        let trimmed = stored.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return String(decoding: Array(trimmed), as: UTF8.self)
    }

    mutating func texts(_ element: DICOMElement) throws -> [String] {
        (try text(element) ?? "").split(separator: "\\", omittingEmptySubsequences: false)
            .map { String($0).trimmingSpaces }
    }

    mutating func decimals(_ element: DICOMElement) throws -> [Double] {
        try texts(element).compactMap { Double($0) }.filter(\.isFinite)
    }

    /// Of 16 or 32 bits.
    mutating func whole(_ element: DICOMElement) throws -> Int? {
        guard [2, 4].contains(element.value.count) else { return nil }
        return Int(try bytes.number(element.value.count, at: element.value.lowerBound))
    }

    /// Of 32 bits and signed.
    mutating func signed(_ element: DICOMElement) throws -> Int? {
        guard element.value.count == 4 else { return nil }
        return Int(Int32(truncatingIfNeeded: try bytes.number(4, at: element.value.lowerBound)))
    }

    mutating func float(_ element: DICOMElement) throws -> Double? {
        guard element.value.count == 4 else { return nil }
        let bits = UInt32(truncatingIfNeeded: try bytes.number(4, at: element.value.lowerBound))
        return Double(Float(bitPattern: bits))
    }

    private static let longestText = 1024
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
