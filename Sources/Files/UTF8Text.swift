import Foundation

/// Whether bytes are UTF-8, without a copy of them.
enum UTF8Text {
    /// Where the text stops being UTF-8, in bytes from its beginning; nil where it is all of it.
    static func fault(in text: Data) -> Int? { text.withUnsafeBytes { fault(in: $0) } }

    /// Counted from 1.
    static func line(of offset: Int, in text: Data) -> Int {
        text.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1
    }

    private static func fault(in bytes: UnsafeRawBufferPointer) -> Int? {
        var at = 0
        while at < bytes.count {
            // Eight letters of ASCII at once.
            if at + 8 <= bytes.count,
                bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                at += 8
                continue
            }
            guard let length = length(at, bytes) else { return at }
            at += length
        }
        return nil
    }

    /// Bytes of the character that begins at a place; nil where none does. After the table of well-formed sequences in the
    /// Unicode standard: neither overlong forms nor surrogates.
    private static func length(_ at: Int, _ bytes: UnsafeRawBufferPointer) -> Int? {
        let first = bytes[at]
        if first < 0x80 { return 1 }
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard at + length <= bytes.count, second.contains(bytes[at + 1]) else { return nil }
        for place in (at + 2)..<(at + length) where bytes[place] & 0xC0 != 0x80 { return nil }
        return length
    }
}
