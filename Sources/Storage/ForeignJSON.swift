import Foundation

/// The text of a JSON file as other programs write it: with or without a byte order mark, in UTF-8, UTF-16, UTF-32 or a
/// machine's own Latin letters, and with the words NaN and Infinity, which Python and Java put where a number is not one.
struct ForeignJSON {
    let url: URL
    /// In UTF-8 without a mark.
    private let text: Data

    init(_ data: Data, _ url: URL) {
        self.url = url
        text = ForeignText.utf8(data)
    }

    /// - Throws: as `CanonicalJSON.read`. Numbers that are none come as NaN and infinities.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do { return try CanonicalJSON.decode(type, from: text, url) } catch {
            guard let quoted = quotingNonFinite() else { throw error }
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
    private func quotingNonFinite() -> Data? {
        let words = ["-Infinity", "Infinity", "NaN"].map { (Array($0.utf8), Array("\"\(Self.mark)\($0)\"".utf8)) }
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
