import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A JSON text that is read from its beginning to its end by one who knows what comes. Whatever else comes is said by nil or
/// false, and left to a decoder.
public struct JSONCursor {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    /// - Parameter bytes: UTF-8.
    public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Whether nothing follows but blanks.
    public var isAtEnd: Bool {
        mutating get {
            passBlanks()
            return at == bytes.count
        }
    }

    /// Passes a mark such as a bracket, where it comes.
    public mutating func take(_ mark: Unicode.Scalar) -> Bool {
        passBlanks()
        guard at < bytes.count, bytes[at] == UInt8(ascii: mark) else { return false }
        at += 1
        return true
    }

    /// Passes letters that are known, where they come.
    public mutating func take(_ known: [UInt8]) -> Bool {
        passBlanks()
        guard let base = bytes.baseAddress, known.count <= bytes.count - at, memcmp(base + at, known, known.count) == 0
        else { return false }
        at += known.count
        return true
    }

    /// Hands the members of an object to `body`, which passes each one's value and says whether it was as expected.
    public mutating func members(_ body: (String, inout JSONCursor) -> Bool) -> Bool {
        guard take("{") else { return false }
        if take("}") { return true }
        repeat {
            guard let key = text(), take(":"), body(key, &self) else { return false }
        } while take(",")
        return take("}")
    }

    /// A text; nil where none comes, or what is between its marks is no text.
    public mutating func text() -> String? {
        guard take("\"") else { return nil }
        let start = at
        var all: UInt8 = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                let inner = UnsafeRawBufferPointer(rebasing: bytes[start..<at]).assumingMemoryBound(to: UInt8.self)
                at += 1
                return all < 0x80 ? String(decoding: inner, as: UTF8.self) : String(validating: inner, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") || byte < 0x20 { return escapedText(from: start - 1) }
            all |= byte
            at += 1
        }
        return nil
    }

    /// The letters of a text that is plain ASCII and written as it is, where one comes. Nothing is passed where it is another.
    public mutating func plainText() -> UnsafeRawBufferPointer? {
        passBlanks()
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
        let start = at + 1
        var end = start
        while end + 8 <= bytes.count, Self.arePlain(bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self)) {
            end += 8
        }
        while end < bytes.count, Self.isPlain(bytes[end]) { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        at = end + 1
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// The same of eight at a time. The highest bit of each byte tells of it, and of those above one that is not plain it may tell
    /// falsely.
    private static func arePlain(_ bytes: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        func has(_ byte: UInt8) -> UInt64 {
            let rest = bytes ^ (ones &* UInt64(byte))
            return (rest &- ones) & ~rest
        }
        let low = (bytes &- ones &* 0x20) & ~bytes
        let others = has(0x7F) | has(UInt8(ascii: "\"")) | has(UInt8(ascii: "\\"))
        return (bytes | low | others) & (ones &* 0x80) == 0
    }

    /// What few texts are is a decoder's.
    private mutating func escapedText(from start: Int) -> String? {
        guard passText() else { return nil }
        return try? JSONDecoder().decode(String.self, from: Data(bytes[start..<at]))
    }

    /// The rest of a text.
    private mutating func passText() -> Bool {
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\\"): at += 2
            case UInt8(ascii: "\""):
                at += 1
                return true
            default: at += 1
            }
        }
        at = bytes.count
        return false
    }

    /// nil where no number comes, or one beyond the largest.
    public mutating func number() -> Double? {
        numeral().flatMap { Double(Self.text($0)) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// Passes a number as `number` has them, where one comes.
    public mutating func takeNumber() -> Bool {
        guard let letters = numeral() else { return false }
        var (others, points) = (0, 0)
        for letter in letters {
            if letter == UInt8(ascii: ".") { points += 1 } else if !Self.isDigit(letter) { others += 1 }
        }
        // Most have digits and a point alone, and too few to be beyond any.
        if others == 0, points < 2, letters.count < 300 { return true }
        return Double(Self.text(letters))?.isFinite == true
    }

    /// nil where no whole number comes.
    public mutating func wholeNumber() -> Int? { numeral().flatMap { Int(Self.text($0)) } }

    /// Letters of a number as JSON has it; nil for any other, such as `nan`, `0x1p3`, `007` or `1.`.
    private mutating func numeral() -> UnsafeRawBufferPointer? {
        passBlanks()
        let start = at
        if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
        let first = at
        guard passDigits(), bytes[first] != UInt8(ascii: "0") || at == first + 1 else { return nil }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            guard passDigits() else { return nil }
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, "+-".utf8.contains(bytes[at]) { at += 1 }
            guard passDigits() else { return nil }
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<at])
    }

    /// Whether there is one.
    private mutating func passDigits() -> Bool {
        let start = at
        while at < bytes.count, Self.isDigit(bytes[at]) { at += 1 }
        return at > start
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func text(_ letters: UnsafeRawBufferPointer) -> String { String(decoding: letters, as: UTF8.self) }

    /// Passes any value, whose words and numbers are not looked at; its letters.
    public mutating func value() -> UnsafeRawBufferPointer? {
        passBlanks()
        let start = at
        var depth = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                guard passText() else { return nil }
                if depth > 0 { continue }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                (at, depth) = (at + 1, depth + 1)
                continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth > 0 { (at, depth) = (at + 1, depth - 1) }
                if depth > 0 { continue }
            case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
                if depth > 0 {
                    at += 1
                    continue
                }
            default:
                at += 1
                continue
            }
            return at > start ? UnsafeRawBufferPointer(rebasing: bytes[start..<at]) : nil
        }
        return nil
    }

    private mutating func passBlanks() {
        while at < bytes.count {
            let byte = bytes[at]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            at += 1
        }
    }
}
