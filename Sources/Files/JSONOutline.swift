import Foundation

/// The bones of a JSON text, looked at byte by byte before a decoder sees it: how deep it is, which keys an object has, and
/// where values end. Whether its words and numbers are JSON is left to the decoder.
public struct JSONOutline {
    /// What a decoder would take, or would not survive.
    struct Fault: Error {
        let reason: String
        /// In bytes from the beginning.
        let offset: Int
    }

    /// Far more than any format needs, and far from what recursive decoders bear.
    static let deepest = 64

    private let bytes: UnsafeRawBufferPointer

    /// - Parameter bytes: UTF-8.
    public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Checks a whole text.
    /// - Parameter isStrict: whether keys that an object has twice, and commas before a closing bracket, are refused too:
    ///   decoders keep one of two values and pass over such commas.
    func check(isStrict: Bool) throws(Fault) {
        var open: [Level] = []
        var last: UInt8 = 0
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                let end = end(ofTextAt: at)
                if isStrict, let level = open.last, level.isObject,
                    last == UInt8(ascii: "{") || last == UInt8(ascii: ",")
                {
                    let key = key(at..<end)
                    if !open[open.count - 1].keys.insert(key).inserted {
                        let path = (open.dropLast().compactMap(\.key) + [key]).joined(separator: ".")
                        throw Fault(reason: "the key \(path) occurs twice", offset: at)
                    }
                    open[open.count - 1].key = key
                }
                (last, at) = (byte, end)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < Self.deepest else {
                    throw Fault(reason: "nested more than \(Self.deepest) levels deep", offset: at)
                }
                open.append(Level(isObject: byte == UInt8(ascii: "{")))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if isStrict, last == UInt8(ascii: ",") {
                    throw Fault(reason: "a comma before a closing bracket", offset: at)
                }
                _ = open.popLast()
            case 0x20, 0x09, 0x0A, 0x0D:
                at += 1
                continue
            default: break
            }
            (last, at) = (byte, at + 1)
        }
    }

    private struct Level {
        var isObject: Bool
        var keys: Set<String> = []
        /// The last one.
        var key: String?

        init(isObject: Bool) { self.isObject = isObject }
    }

    /// The text between quotation marks.
    private func key(_ place: Range<Int>) -> String {
        text(of: place) ?? String(decoding: bytes[place].dropFirst().dropLast(), as: UTF8.self)
    }

    /// The place after a text's closing quotation mark, else the end.
    private func end(ofTextAt start: Int) -> Int {
        var at = start + 1
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\\"): at += 2
            case UInt8(ascii: "\""): return at + 1
            default: at += 1
            }
        }
        return bytes.count
    }
}

extension JSONOutline {
    /// Whether a text is one value that is not too deep.
    public var isPlain: Bool { isOneValue && (try? check(isStrict: false)) != nil }

    /// Whether nothing follows the first value.
    var isOneValue: Bool {
        skippingBlanks(0).flatMap(end(ofValueAt:)).map { skippingBlanks($0) == nil } ?? false
    }

    /// The values of a list, in their order, one at a time.
    /// - Parameter place: of the list, from its bracket on.
    /// - Returns: false where the text is no list, or breaks off; the values before that have been handed over.
    func elements(of place: Range<Int>, _ body: (Range<Int>) throws -> Void) rethrows -> Bool {
        guard let first = skippingBlanks(place.lowerBound), first < place.upperBound, bytes[first] == UInt8(ascii: "[")
        else { return false }
        var at = first + 1
        while let start = skippingBlanks(at), start < place.upperBound {
            if bytes[start] == UInt8(ascii: "]") { return true }
            guard let end = end(ofValueAt: start), let next = skippingBlanks(end) else { return false }
            try body(start..<end)
            switch bytes[next] {
            case UInt8(ascii: ","): at = next + 1
            case UInt8(ascii: "]"): return true
            default: return false
            }
        }
        return false
    }

    /// The members of an object: keys with the places of their values; nil where the text is none.
    func members(of place: Range<Int>) -> [(key: String, value: Range<Int>)]? {
        guard let first = skippingBlanks(place.lowerBound), first < place.upperBound, bytes[first] == UInt8(ascii: "{")
        else { return nil }
        var members: [(key: String, value: Range<Int>)] = []
        var at = first + 1
        while let start = skippingBlanks(at), start < place.upperBound {
            if bytes[start] == UInt8(ascii: "}") { return members }
            guard bytes[start] == UInt8(ascii: "\"") else { return nil }
            let keyEnd = end(ofTextAt: start)
            guard let colon = skippingBlanks(keyEnd), bytes[colon] == UInt8(ascii: ":"),
                let value = skippingBlanks(colon + 1), let end = end(ofValueAt: value), let next = skippingBlanks(end)
            else { return nil }
            members.append((key(start..<keyEnd), value..<end))
            switch bytes[next] {
            case UInt8(ascii: ","): at = next + 1
            case UInt8(ascii: "}"): return members
            default: return nil
            }
        }
        return nil
    }

    /// The text between quotation marks; nil where there are none, or what is between them is no text.
    private func text(of place: Range<Int>) -> String? {
        let mark = UInt8(ascii: "\"")
        guard place.count >= 2, bytes[place.lowerBound] == mark, bytes[place.upperBound - 1] == mark else { return nil }
        let inner = bytes[(place.lowerBound + 1)..<(place.upperBound - 1)]
        if inner.contains(where: { $0 == UInt8(ascii: "\\") || $0 < 0x20 }) {
            return try? JSONDecoder().decode(String.self, from: Data(bytes[place]))
        }
        return String(validating: inner, as: UTF8.self)
    }

    /// nil at the end.
    private func skippingBlanks(_ start: Int) -> Int? {
        var at = start
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return at
            }
        }
        return nil
    }

    /// nil where the value is empty or its brackets are never closed.
    private func end(ofValueAt start: Int) -> Int? {
        var depth = 0
        var at = start
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at = end(ofTextAt: at)
                if depth == 0 { return at }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return at > start ? at : nil }
                depth -= 1
                if depth == 0 { return at + 1 }
            case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
                if depth == 0 { return at > start ? at : nil }
            default: break
            }
            at += 1
        }
        return depth == 0 && at > start ? at : nil
    }
}
