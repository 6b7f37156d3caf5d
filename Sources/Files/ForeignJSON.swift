public import Foundation

/// The text of a JSON file as other programs write it: with or without a byte order mark, in UTF-8, UTF-16, UTF-32 or a
/// machine's own Latin letters, and with the words NaN and Infinity, which Python and Java put where a number is not one.
public struct ForeignJSON {
    public let url: URL
    /// In UTF-8 without a mark.
    private let text: Data

    public init(_ data: Data, _ url: URL) {
        self.url = url
        text = ForeignText.utf8(data)
    }

    /// - Throws: as `CanonicalJSON.read`. Numbers that are none come as NaN and infinities.
    public func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decode(type, from: text) }

    private func decode<Value: Decodable>(_ type: Value.Type, from text: Data) throws -> Value {
        do { return try CanonicalJSON.decode(type, from: text, url) } catch {
            guard let quoted = Self.quotingNonFinite(text) else { throw error }
            let decoder = JSONDecoder()
            decoder.nonConformingFloatDecodingStrategy = .convertFromString(
                positiveInfinity: Self.mark + "Infinity",
                negativeInfinity: Self.mark + "-Infinity",
                nan: Self.mark + "NaN"
            )
            return try CanonicalJSON.decode(type, from: quoted, url, decoder)
        }
    }

    /// Tells these words from texts that are the same: no character.
    private static let mark = "\u{FFFF}"

    /// The text with NaN, Infinity and -Infinity as strings; nil where it has none outside of its strings.
    private static func quotingNonFinite(_ text: Data) -> Data? {
        let words = ["-Infinity", "Infinity", "NaN"].map { (Array($0.utf8), Array("\"\(mark)\($0)\"".utf8)) }
        let bytes = Array(text)
        var result = Data()
        var (isString, isEscaped, isChanged) = (false, false, false)
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
            } else if byte == UInt8(ascii: "\"") {
                isString = true
            } else if byte >= UInt8(ascii: "I") || byte == UInt8(ascii: "-"),
                let (word, quoted) = words.first(where: { bytes[at...].starts(with: $0.0) })
            {
                result.append(contentsOf: quoted)
                at += word.count
                isChanged = true
                continue
            }
            result.append(byte)
            at += 1
        }
        return isChanged ? result : nil
    }
}

extension ForeignJSON {
    /// The keys of the object, or of a list's first; nil where the text is neither.
    public var keys: Set<String>? {
        text.withUnsafeBytes { bytes in
            let outline = JSONOutline(bytes)
            let whole = 0..<bytes.count
            if let members = outline.members(of: whole) { return Set(members.map(\.key)) }
            var first: Range<Int>?
            let isList = outline.elements(of: whole) { if first == nil { first = $0 } }
            return isList ? Set(first.flatMap(outline.members)?.map(\.key) ?? []) : nil
        }
    }

    /// Hands over the values of a list, or of the list that is the member `key` of the object, one at a time: a decoder's own
    /// tree of a hundred thousand features would need gigabytes. Other members come as one object without that list.
    /// - Parameter isWanted: whether the object, by what its other members say, is one whose list is wanted.
    /// - Returns: false where the text is to be decoded as a whole: it has no such list, or is no JSON.
    public func each<Value: Decodable, Rest: Decodable>(
        _ type: Value.Type,
        of key: String,
        rest: Rest.Type,
        isWanted: (Rest) -> Bool,
        _ body: (Value) throws -> Void
    ) throws -> Bool {
        // Also how deep the text is: one value of the list could be the whole of it.
        try check()
        return try text.withUnsafeBytes { bytes in
            let outline = JSONOutline(bytes)
            var list = 0..<bytes.count
            guard outline.isOneValue else { return false }
            if let members = outline.members(of: list) {
                let lists = members.filter { $0.key == key }
                guard lists.count == 1, let place = lists.first?.value else { return false }
                let head =
                    text(bytes, 0..<place.lowerBound) + Data("[]".utf8) + text(bytes, place.upperBound..<bytes.count)
                guard let rest = try? decode(rest, from: head), isWanted(rest) else { return false }
                list = place
            }
            // Twice, so that nothing is handed over of a text that breaks off.
            guard outline.elements(of: list, { _ in }) else { return false }
            var number = 0
            return try outline.elements(of: list) { place in
                number += 1
                let value: Value
                do { value = try decode(type, from: text(bytes, place)) } catch StorageError.malformed(
                    let path,
                    let reason
                ) {
                    throw StorageError.malformed(path: path, reason: "entry \(number) of the list: \(reason)")
                }
                try body(value)
            }
        }
    }

    private func text(_ bytes: UnsafeRawBufferPointer, _ place: Range<Int>) -> Data { Data(bytes[place]) }

    private func check() throws { try CanonicalJSON.check(text, url, isStrict: false) }
}
